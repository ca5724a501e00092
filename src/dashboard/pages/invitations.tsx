import type { InvitationView } from '../../api/serializers.ts';
import { invitationStatuses } from '../../domain/invitation.ts';
import { employeeTypes, invitationModes } from '../../domain/vocabulary.ts';
import type { MemberCounts } from '../../store/store.ts';
import { StatusChip } from '../components/chip.tsx';
import { Choice } from '../components/choice.tsx';
import { CopyLink } from '../components/copy-link.tsx';
import { Layout } from '../components/layout.tsx';
import { Moment } from '../components/moment.tsx';
import type { View } from '../view.ts';
import { sumOf } from './overview-figures.ts';

/** The filter as it stands in the address. */
export type FilterWords = Readonly<
  Partial<Record<'q' | 'status' | 'employeeType' | 'mode' | 'since' | 'until', string>>
>;

export function InvitationsPage(props: {
  readonly view: View;
  readonly items: readonly InvitationView[];
  readonly words: FilterWords;
  readonly isFirstPage: boolean;
  readonly nextCursor: number | null;
  /** What of the filter was not understood; nothing is listed then. */
  readonly faults: readonly string[];
}) {
  const { view, items, words, nextCursor } = props;
  const { say } = view;
  const query = new URLSearchParams(words).toString();
  const isFiltered = query !== '';
  return (
    <Layout view={view} title={say.invitations.title} place="invitations" isLive>
      <div class="head">
        <a class="button primary" href="/invite">
          {say.frame.invite}
        </a>
        <a class="button" href={`/invitations.csv${isFiltered ? `?${query}` : ''}`}>
          {say.invitations.download}
        </a>
      </div>
      <FilterForm view={view} words={words} isFiltered={isFiltered} />
      {props.faults.length > 0 ? (
        <p class="said wrong">
          {say.invitations.badFilter} <span lang="en">{props.faults.join('; ')}</span>
        </p>
      ) : (
        <section class="card">
          {items.length === 0 ? (
            <p>{isFiltered ? say.invitations.none : say.invitations.noneYet}</p>
          ) : (
            <Rows view={view} items={items} />
          )}
          {(nextCursor !== null || !props.isFirstPage) && (
            <p class="pager">
              {!props.isFirstPage && (
                <a class="button" href={`/invitations?${query}`}>
                  {say.common.newest}
                </a>
              )}
              {nextCursor !== null && (
                <a class="button" href={`/invitations?${withCursor(words, nextCursor)}`}>
                  {say.common.older}
                </a>
              )}
            </p>
          )}
        </section>
      )}
    </Layout>
  );
}

function withCursor(words: FilterWords, cursor: number): string {
  return new URLSearchParams({ ...words, cursor: String(cursor) }).toString();
}

/** Left alone while the page is brought up to date: somebody may be typing. */
function FilterForm(props: {
  readonly view: View;
  readonly words: FilterWords;
  readonly isFiltered: boolean;
}) {
  const { view, words } = props;
  const { invitations, words: names } = view.say;
  return (
    <form method="get" action="/invitations" class="card filter" id="filter" hx-morph-skip="true">
      <div class="wide">
        <label for="q">{invitations.search}</label>
        <input
          id="q"
          name="q"
          type="search"
          value={words.q ?? ''}
          minlength={3}
          placeholder={invitations.searchHint}
        />
      </div>
      <Choice
        name="status"
        label={invitations.status}
        any={invitations.any}
        chosen={words.status}
        options={invitationStatuses.map((one) => [one, names.statuses[one]])}
      />
      <Choice
        name="employeeType"
        label={invitations.type}
        any={invitations.any}
        chosen={words.employeeType}
        options={employeeTypes.map((one) => [one, names.types[one]])}
      />
      <Choice
        name="mode"
        label={invitations.mode}
        any={invitations.any}
        chosen={words.mode}
        options={invitationModes.map((one) => [one, names.modes[one]])}
      />
      <div>
        <label for="since">{invitations.since}</label>
        <input id="since" name="since" type="date" value={words.since ?? ''} />
      </div>
      <div>
        <label for="until">{invitations.until}</label>
        <input id="until" name="until" type="date" value={words.until ?? ''} />
      </div>
      <div class="buttons">
        <button type="submit">{invitations.filter}</button>
        {props.isFiltered && (
          <a class="button" href="/invitations">
            {invitations.clear}
          </a>
        )}
      </div>
    </form>
  );
}

function Rows(props: { readonly view: View; readonly items: readonly InvitationView[] }) {
  const { view, items } = props;
  const { invitations: say, common, words } = view.say;
  return (
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">{say.who}</th>
          <th scope="col">{say.status}</th>
          <th scope="col">{say.type}</th>
          <th scope="col">{say.mode}</th>
          <th scope="col">{say.invitedAt}</th>
          <th scope="col" class="needs-script">
            {say.link}
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <tr id={one.id}>
            <td class="who">
              <a href={`/invitations/${one.id}`}>{one.email ?? common.openLink}</a>
              {one.memberCounts && (
                <span class="soft"> {say.members(cameBy(view, one.memberCounts))}</span>
              )}
              {one.note && <div class="soft small">{one.note}</div>}
            </td>
            <td>
              <StatusChip view={view} status={one.status} />
            </td>
            <td class="short">{words.types[one.employeeType]}</td>
            <td class="short">{words.modes[one.mode]}</td>
            <td class="short">
              <Moment view={view} at={Date.parse(one.createdAt)} />
            </td>
            <td class="tight needs-script">
              {one.link && <CopyLink view={view} link={one.link} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function cameBy(view: View, counts: MemberCounts): string {
  return view.formats.number(sumOf(counts));
}
