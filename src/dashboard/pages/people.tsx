import { type Member, memberStates } from '../../domain/member.ts';
import { memberReasonCodes } from '../../domain/reason.ts';
import { reasonLabel } from '../../messages/render.ts';
import type { MemberFilter } from '../../store/store.ts';
import { StateChip } from '../components/chip.tsx';
import { Choice } from '../components/forms.tsx';
import { Layout, Pager } from '../components/layout.tsx';
import { Moment } from '../components/moment.tsx';
import { nameOf } from '../components/person-facts.tsx';
import { ReasonText } from '../components/reason.tsx';
import type { Viewer } from '../viewer.ts';

/** The portal users that this service follows, with a filter. */
export function PeoplePage(props: {
  readonly viewer: Viewer;
  readonly items: readonly Member[];
  readonly filter: MemberFilter;
  /** The address of the next page; null: this is the last page. */
  readonly older: string | null;
}) {
  const { viewer, items, filter, older } = props;
  const { t, url } = viewer;
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <Layout viewer={viewer} title={t.people.title} place="people" isLive>
      <FilterForm viewer={viewer} filter={filter} isFiltered={isFiltered} />
      <section class="card">
        {filter.invitationId !== undefined && (
          <p>
            {t.people.ofInvitation}{' '}
            <a href={url(`/invitations/${encodeURIComponent(filter.invitationId)}`)}>
              {t.person.seeInvitation}
            </a>
          </p>
        )}
        {items.length === 0 ? (
          <p>{isFiltered ? t.people.none : t.people.noneYet}</p>
        ) : (
          <Rows viewer={viewer} items={items} />
        )}
        <Pager viewer={viewer} older={older} />
      </section>
    </Layout>
  );
}

/** The form of the filter. Updates of the page do not replace it, because somebody may be typing. */
function FilterForm(props: {
  readonly viewer: Viewer;
  readonly filter: MemberFilter;
  readonly isFiltered: boolean;
}) {
  const { viewer, filter } = props;
  const { t, url } = viewer;
  return (
    <form method="get" action={url('/people')} class="card filter" id="filter" hx-morph-skip="true">
      <div class="wide">
        <label for="q">{t.invitations.search}</label>
        <input
          id="q"
          name="q"
          type="search"
          value={filter.q ?? ''}
          minlength={2}
          placeholder={t.people.searchHint}
        />
      </div>
      <Choice
        name="state"
        label={t.people.state}
        any={t.people.all}
        chosen={filter.state}
        options={memberStates.map((state) => [state, t.words.states[state]])}
      />
      <Choice
        name="reason"
        label={t.people.reason}
        any={t.people.all}
        chosen={filter.reason}
        groups={reasonGroups(viewer)}
      />
      {filter.invitationId !== undefined && (
        <input type="hidden" name="invitationId" value={filter.invitationId} />
      )}
      <div class="buttons">
        <button type="submit">{t.invitations.filter}</button>
        {props.isFiltered && (
          <a class="button" href={url('/people')}>
            {t.invitations.clear}
          </a>
        )}
      </div>
    </form>
  );
}

type Code = (typeof memberReasonCodes)[number];
const serviceCodes: readonly Code[] = [
  'tenant_id_unknown',
  'attempt_lease_expired',
  'halted_before_request',
  'service_stopped_before_answer',
  'service_died_during_attempt',
  'settled_by_operator',
  'answered_late',
];

/** The reasons to choose from, grouped by what they are about. */
function reasonGroups({ t, language }: Viewer) {
  const groupOf = (code: Code): keyof typeof t.people.reasonGroups => {
    if (serviceCodes.includes(code)) return 'service';
    if (code.startsWith('portal_')) return 'portal';
    return code.startsWith('mail_') ? 'mail' : 'person';
  };
  return (['person', 'portal', 'mail', 'service'] as const).map((group) => ({
    label: t.people.reasonGroups[group],
    options: memberReasonCodes
      .filter((code) => groupOf(code) === group)
      .map((code) => [code, reasonLabel(code, language)] as const)
      .toSorted(([, a], [, b]) => a.localeCompare(b, language)),
  }));
}

/** A table of people, each with a link to their page. */
export function Rows(props: { readonly viewer: Viewer; readonly items: readonly Member[] }) {
  const { viewer, items } = props;
  const { people } = viewer.t;
  return (
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">{people.who}</th>
          <th scope="col">{people.state}</th>
          <th scope="col">{people.reason}</th>
          <th scope="col">{people.registered}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((member) => (
          <tr id={member.userId}>
            <td class="who">
              <a href={viewer.url(`/people/${member.userId}`)}>{member.email || member.userId}</a>
              <div class="soft small">{nameOf(member)}</div>
            </td>
            <td>
              <StateChip viewer={viewer} state={member.state} />
            </td>
            <td class="why">
              {member.reason && <ReasonText viewer={viewer} reason={member.reason} />}
            </td>
            <td class="short">
              {member.registeredAt !== null && <Moment viewer={viewer} at={member.registeredAt} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
