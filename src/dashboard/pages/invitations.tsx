import { invitationStatus, invitationStatuses, isLinkUsable } from '../../domain/invitation.ts';
import { employeeTypes, invitationModes, letterStatuses } from '../../domain/vocabulary.ts';
import type { ListedInvitation } from '../../store/store.ts';
import { StatusChip } from '../components/chip.tsx';
import { Choice, CopyLink } from '../components/forms.tsx';
import { Layout, Pager } from '../components/layout.tsx';
import { Moment } from '../components/moment.tsx';
import type { Viewer } from '../viewer.ts';
import { type FunnelStep, sumOf } from './overview-figures.ts';

/** The names of the fields of the filter. The query of the page's address has the same names. */
export const filterFields = [
  'q',
  'status',
  'employeeType',
  'mode',
  'letter',
  'since',
  'until',
] as const;
export type FilterField = (typeof filterFields)[number];
export type FilterWords = Readonly<Partial<Record<FilterField, string>>>;

export function InvitationsPage(props: {
  readonly viewer: Viewer;
  readonly items: readonly ListedInvitation[];
  readonly words: FilterWords;
  /** If set, only the invitations that got at least this far are listed. */
  readonly step: FunnelStep | null;
  readonly isFirstPage: boolean;
  /** The address of the next page; null: this is the last page. */
  readonly older: string | null;
  /** Fields of the filter that are not valid. Nothing is listed then. */
  readonly faults: readonly FilterField[];
}) {
  const { viewer, items, words, step, older } = props;
  const { t, url } = viewer;
  const query = new URLSearchParams(words).toString();
  const newest = `/invitations?${step === null ? query : `step=${step}`}`;
  const isFiltered = query !== '' || step !== null;
  const labels = { ...t.invitations, q: t.invitations.search, employeeType: t.invitations.type };
  return (
    <Layout viewer={viewer} title={t.invitations.title} place="invitations" isLive>
      <div class="head">
        {viewer.mayChange && (
          <a class="button primary" href={url('/invite')}>
            {t.frame.invite}
          </a>
        )}
        {step === null && (
          <a class="button" href={url(`/invitations.csv${query === '' ? '' : `?${query}`}`)}>
            {t.invitations.download}
          </a>
        )}
      </div>
      <FilterForm viewer={viewer} words={words} isFiltered={isFiltered} />
      {props.faults.length > 0 ? (
        <p class="flash wrong">
          {t.invitations.badFilter(props.faults.map((field) => labels[field]).join(', '))}
        </p>
      ) : (
        <section class="card">
          {step !== null && <p>{t.invitations.step(t.overview.funnelSteps[step])}</p>}
          {items.length === 0 ? (
            <p>{isFiltered ? t.invitations.none : t.invitations.noneYet}</p>
          ) : (
            <Rows viewer={viewer} items={items} />
          )}
          <Pager viewer={viewer} older={older} newest={props.isFirstPage ? null : newest} />
        </section>
      )}
    </Layout>
  );
}

/** The form of the filter. Updates of the page do not replace it, because somebody may be typing. */
function FilterForm(props: {
  readonly viewer: Viewer;
  readonly words: FilterWords;
  readonly isFiltered: boolean;
}) {
  const { viewer, words } = props;
  const { invitations, words: names } = viewer.t;
  return (
    <form
      method="get"
      action={viewer.url('/invitations')}
      class="card filter"
      id="filter"
      hx-morph-skip="true"
    >
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
      <Choice
        name="letter"
        label={invitations.letter}
        any={invitations.any}
        chosen={words.letter}
        options={letterStatuses.map((one) => [one, names.letters[one]])}
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
          <a class="button" href={viewer.url('/invitations')}>
            {invitations.clear}
          </a>
        )}
      </div>
    </form>
  );
}

function Rows(props: { readonly viewer: Viewer; readonly items: readonly ListedInvitation[] }) {
  const { viewer, items } = props;
  const { invitations, common, words } = viewer.t;
  const { formats, now, url } = viewer;
  return (
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">{invitations.who}</th>
          <th scope="col">{invitations.status}</th>
          <th scope="col">{invitations.type}</th>
          <th scope="col">{invitations.mode}</th>
          <th scope="col">{invitations.invitedAt}</th>
          <th scope="col" class="needs-script">
            {invitations.link}
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <tr id={one.id}>
            <td class="who">
              <a href={url(`/invitations/${one.id}`)}>{one.email ?? common.openLink}</a>
              {one.memberCounts && (
                <span class="soft">
                  {' '}
                  {invitations.members(formats.number(sumOf(one.memberCounts)))}
                </span>
              )}
              {one.note && <div class="soft small">{one.note}</div>}
            </td>
            <td>
              <StatusChip viewer={viewer} status={invitationStatus(one, now)} />
            </td>
            <td class="short">{words.types[one.employeeType]}</td>
            <td class="short">{one.letter ? words.letters[one.letter] : words.modes[one.mode]}</td>
            <td class="short">
              <Moment viewer={viewer} at={one.createdAt} />
            </td>
            <td class="tight needs-script">
              {one.link !== null && isLinkUsable(one, now) && (
                <CopyLink viewer={viewer} link={one.link} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
