import { actorText, causeText, eventText } from '../../messages/render.ts';
import type { TimelineEntry } from '../../store/store.ts';
import type { Viewer } from '../viewer.ts';
import { Moment } from './moment.tsx';

/** Everything that happened, oldest first: when, what, who did it, and what led to it. */
export function Timeline(props: {
  readonly viewer: Viewer;
  readonly entries: readonly TimelineEntry[];
}) {
  const { viewer, entries } = props;
  const { t, language } = viewer;
  return (
    <section class="card" aria-labelledby="timeline">
      <h2 id="timeline">{t.person.timeline}</h2>
      {entries.length === 0 ? (
        <p class="soft">{t.common.none}</p>
      ) : (
        <ol class="timeline">
          {entries.map((entry) => (
            <li>
              <Moment viewer={viewer} at={entry.at} />
              <span>{eventText(entry, language)}</span>{' '}
              <span class="why">
                {actorText(entry.actor, language)}, {causeText(entry.cause, language)}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
