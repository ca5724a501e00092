import { type Member, memberStates } from '../../domain/member.ts';
import { StateChip } from '../components/chip.tsx';
import { Choice } from '../components/choice.tsx';
import { Layout } from '../components/layout.tsx';
import { LogText } from '../components/log-text.tsx';
import { Moment } from '../components/moment.tsx';
import { nameOf } from '../components/person-facts.tsx';
import type { View } from '../view.ts';

/** Everybody in one state, or all; reached from the overview. */
export function PeoplePage(props: {
  readonly view: View;
  readonly title: string;
  readonly items: readonly Member[];
  readonly state: string | undefined;
  /** Where the next page is; null: this is the last. */
  readonly older: string | null;
}) {
  const { view, items, older } = props;
  const { say } = view;
  return (
    <Layout view={view} title={props.title} place={null} isLive>
      <form method="get" action="/people" class="card filter" id="filter" hx-morph-skip="true">
        <Choice
          name="state"
          label={say.people.filter}
          any={say.people.all}
          chosen={props.state}
          options={memberStates.map((state) => [state, say.words.states[state]])}
        />
        <div class="buttons">
          <button type="submit">{say.common.show}</button>
        </div>
      </form>
      <section class="card">
        {items.length === 0 ? <p>{say.people.none}</p> : <Rows view={view} items={items} />}
        {older !== null && (
          <p class="pager">
            <a class="button" href={older}>
              {say.common.older}
            </a>
          </p>
        )}
      </section>
    </Layout>
  );
}

/** A table of people, each with the way to their page. */
export function Rows(props: { readonly view: View; readonly items: readonly Member[] }) {
  const { view, items } = props;
  const { people } = view.say;
  return (
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">{people.who}</th>
          <th scope="col">{people.state}</th>
          <th scope="col">{people.reason}</th>
          <th scope="col">{people.lastSeen}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((member) => (
          <tr id={member.userId}>
            <td class="who">
              <a href={`/people/${member.userId}`}>{member.email || member.userId}</a>
              <div class="soft small">{nameOf(member)}</div>
            </td>
            <td>
              <StateChip view={view} state={member.state} />
            </td>
            <td class="why">
              <LogText text={member.reason} />
            </td>
            <td class="short">
              <Moment view={view} at={member.registeredAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
