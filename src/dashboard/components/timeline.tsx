import type { TimelineEntry } from '../../store/store.ts';
import type { View } from '../view.ts';
import { Moment } from './moment.tsx';

/** Everything that happened, oldest first: when, what, and who or what it goes back to. */
export function Timeline(props: {
  readonly view: View;
  readonly entries: readonly TimelineEntry[];
}) {
  const { view, entries } = props;
  const { person, common } = view.say;
  return (
    <section class="card" aria-labelledby="timeline">
      <h2 id="timeline">{person.timeline}</h2>
      {entries.length === 0 ? (
        <p class="soft">{common.none}</p>
      ) : (
        <ol class="timeline">
          {entries.map((entry) => (
            <li>
              <Moment view={view} at={entry.at} />
              <span lang="en">{entry.what}</span>{' '}
              <span class="why">
                {person.by[entry.actor]}, <span lang="en">{entry.cause}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
