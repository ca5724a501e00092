import type { Child } from 'hono/jsx';
import type { LetterAttempt } from '../../domain/decide-letter.ts';
import {
  type Invitation,
  invitationLifetimeMs,
  invitationStatus,
  isLinkUsable,
} from '../../domain/invitation.ts';
import type { Member } from '../../domain/member.ts';
import { actorText, causeText, eventText, reasonText } from '../../messages/render.ts';
import type { NotSentReason, Preview } from '../../operations/preview.ts';
import type { Attempt, InvitationStory, MemberStory, TimelineEntry } from '../../store/store.ts';
import { Chip, StateChip, StatusChip, type Tone } from '../components/chip.tsx';
import { CopyLink } from '../components/forms.tsx';
import { Layout } from '../components/layout.tsx';
import { Moment } from '../components/moment.tsx';
import { invitationActions, memberActions, nextStep } from '../components/next-step.tsx';
import { nameOf, PersonFacts } from '../components/person-facts.tsx';
import { ReasonText } from '../components/reason.tsx';
import type { Viewer } from '../viewer.ts';
import { sumOf } from './overview-figures.ts';
import { Rows } from './people.tsx';

/** The page of one person, from invitation to welcome. It shows an invitation, a portal user, or both. */
export function PersonPage(props: {
  readonly viewer: Viewer;
  readonly invitation: Invitation | null;
  /** The id of the member's invitation, if this page does not show it. Null if there is none. */
  readonly broughtBy?: string | null;
  readonly story: MemberStory | null;
  readonly letters?: readonly LetterAttempt[];
  readonly timeline: readonly TimelineEntry[];
  readonly preview: Preview | null;
}) {
  const { viewer, invitation, story, preview, letters = [] } = props;
  const { t } = viewer;
  const member = story?.member ?? null;
  const title =
    member?.email || invitation?.email || (member && nameOf(member)) || member?.userId || '';
  const actions = [
    ...(invitation ? invitationActions(viewer, invitation) : []),
    ...(member ? memberActions(viewer, member) : []),
  ];
  return (
    <Layout viewer={viewer} title={title} place={invitation ? 'invitations' : 'people'} isLive>
      <Now viewer={viewer} invitation={invitation} member={member} actions={actions} />
      {invitation && <TheLink viewer={viewer} invitation={invitation} />}
      <div class="cards">
        <section class="card">
          <PersonFacts viewer={viewer} invitation={invitation} member={member} />
          {!invitation && (
            <p class="hint">
              {props.broughtBy ? (
                <a href={viewer.url(`/invitations/${props.broughtBy}`)}>{t.person.seeInvitation}</a>
              ) : (
                t.person.noInvitation
              )}
            </p>
          )}
        </section>
        <Timeline viewer={viewer} entries={props.timeline} />
      </div>
      <Attempts
        viewer={viewer}
        of="letters"
        column={t.invitations.letter}
        attempts={letters}
        cell={({ kind }) => t.words.letterKinds[kind]}
      />
      <Attempts
        viewer={viewer}
        of="attempts"
        column={t.person.channel}
        attempts={story?.attempts ?? []}
        cell={({ channel }) => channel}
      />
      {preview && <WelcomePreview viewer={viewer} preview={preview} />}
    </Layout>
  );
}

/** The page of an open link, or of an invitation to one person that several people used (rare). */
export function OpenLinkPage(props: { readonly viewer: Viewer; readonly story: InvitationStory }) {
  const { viewer, story } = props;
  const { t, formats } = viewer;
  const { invitation, members } = story;
  const all = invitation.memberCounts ? sumOf(invitation.memberCounts) : members.length;
  return (
    <Layout
      viewer={viewer}
      title={invitation.email ?? t.common.openLink}
      place="invitations"
      isLive
    >
      <Now
        viewer={viewer}
        invitation={invitation}
        member={null}
        actions={invitationActions(viewer, invitation)}
      />
      <TheLink viewer={viewer} invitation={invitation} />
      <section class="card" aria-labelledby="members">
        <h2 id="members">{t.person.members}</h2>
        {members.length === 0 ? (
          <p class="soft">{t.common.nobody}</p>
        ) : (
          <Rows viewer={viewer} items={members} />
        )}
        {all > 1 && (
          <p class="hint">
            <a href={viewer.url(`/people?invitationId=${invitation.id}`)}>
              {t.person.allMembers(formats.number(all))}
            </a>
          </p>
        )}
      </section>
      <div class="cards">
        <section class="card">
          <PersonFacts viewer={viewer} invitation={invitation} member={null} />
        </section>
        <Timeline viewer={viewer} entries={story.timeline} />
      </div>
    </Layout>
  );
}

type Shown = {
  readonly viewer: Viewer;
  readonly invitation: Invitation | null;
  readonly member: Member | null;
  readonly actions: readonly Child[];
};

/** The state, the next step, and the buttons that make sense now. */
function Now({ viewer, invitation, member, actions }: Shown) {
  const { person } = viewer.t;
  const status = invitation && invitationStatus(invitation, viewer.now);
  const reason = member?.reason ?? invitation?.reason ?? null;
  return (
    <section class="card" aria-labelledby="next">
      <div class="head">
        {member ? (
          <StateChip viewer={viewer} state={member.state} />
        ) : (
          status && <StatusChip viewer={viewer} status={status} />
        )}
        {reason !== null && <ReasonText viewer={viewer} reason={reason} />}
        {member && member.absentSince !== null && (
          <span class="soft">
            {person.absent(viewer.formats.moment(member.absentSince, viewer.now))}
          </span>
        )}
      </div>
      <h2 id="next" class="unseen">
        {person.next}
      </h2>
      <p>{nextStep(viewer, { invitation, status, member })}</p>
      {actions.length > 0 && <div class="buttons">{actions}</div>}
    </section>
  );
}

function TheLink(props: { readonly viewer: Viewer; readonly invitation: Invitation }) {
  const { viewer, invitation } = props;
  const { person } = viewer.t;
  const { link, issuedAt } = invitation;
  if (link === null || !isLinkUsable(invitation, viewer.now)) return null;
  return (
    <section class="card" aria-labelledby="link-title">
      <div class="head">
        <h2 id="link-title">{person.linkTitle}</h2>
        <CopyLink viewer={viewer} link={link} />
      </div>
      <input class="link" readonly value={link} aria-labelledby="link-title" />
      {issuedAt !== null && (
        <p class="hint">
          {person.linkWorks(viewer.formats.moment(issuedAt + invitationLifetimeMs, viewer.now))}
        </p>
      )}
    </section>
  );
}

/** Everything that happened, oldest first: when, what, who did it, and what led to it. */
function Timeline(props: { readonly viewer: Viewer; readonly entries: readonly TimelineEntry[] }) {
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

const outcomeTones = { sent: 'good', not_sent: 'off', refused: 'wrong', unknown: 'wrong' } as const;

/**
 * The attempts to send the welcome, or to mail the letters of an invitation, with their results.
 * @param column the heading of `cell`
 */
function Attempts<T extends Attempt | LetterAttempt>(props: {
  readonly viewer: Viewer;
  readonly of: 'attempts' | 'letters';
  readonly attempts: readonly T[];
  readonly column: string;
  readonly cell: (attempt: T) => string;
}) {
  const { viewer, of, attempts, column, cell } = props;
  const { person } = viewer.t;
  if (attempts.length === 0) return null;
  return (
    <section class="card" aria-labelledby={of}>
      <h2 id={of}>{person[of]}</h2>
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">{person.started}</th>
            <th scope="col">{column}</th>
            <th scope="col">{person.outcome}</th>
            <th scope="col">{viewer.t.run.reason}</th>
          </tr>
        </thead>
        <tbody>
          {attempts.map((attempt) => (
            <tr>
              <td class="short">
                <Moment viewer={viewer} at={attempt.startedAt} />
              </td>
              <td class="short">{cell(attempt)}</td>
              <td>
                <OutcomeChip viewer={viewer} attempt={attempt} />
              </td>
              <td class="why">
                <ReasonText viewer={viewer} reason={attempt.reason} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function OutcomeChip(props: {
  readonly viewer: Viewer;
  readonly attempt: Pick<Attempt, 'outcome'>;
}) {
  const { person } = props.viewer.t;
  const { outcome } = props.attempt;
  const tone: Tone = outcome === null ? 'busy' : outcomeTones[outcome];
  return <Chip tone={tone} word={outcome === null ? person.underWay : person.outcomes[outcome]} />;
}

/** The welcome as the person would get it, and whether it would be sent now. */
function WelcomePreview(props: { readonly viewer: Viewer; readonly preview: Preview }) {
  const { viewer, preview } = props;
  const { person } = viewer.t;
  const { letter, notSent } = preview;
  return (
    <section class="card" aria-labelledby="welcome">
      <h2 id="welcome">{person.welcome}</h2>
      {preview.state !== 'welcomed' && (
        <p>
          {notSent === null
            ? person.wouldSend(preview.channel)
            : `${person.wouldNotSend} ${notSentText(viewer, notSent)}.`}
        </p>
      )}
      {letter.kind === 'portal_letter' ? (
        <p class="soft">{person.portalLetter}</p>
      ) : (
        <details class="figures" id="preview">
          <summary>{person.preview}</summary>
          <dl class="facts">
            <dt>{person.from}</dt>
            <dd>{letter.from}</dd>
            <dt>{person.to}</dt>
            <dd>{letter.to}</dd>
            <dt>{person.subject}</dt>
            <dd lang={letter.language}>{letter.subject}</dd>
          </dl>
          <iframe
            src={viewer.url(`/people/${preview.userId}/letter`)}
            title={person.letter}
            sandbox=""
            loading="lazy"
            id="letter"
            hx-morph-skip="true"
          />
          <h3>{person.text}</h3>
          <pre lang={letter.language}>{letter.text}</pre>
        </details>
      )}
    </section>
  );
}

function notSentText({ t, language }: Viewer, notSent: NotSentReason): string {
  switch (notSent.kind) {
    case 'state':
      return t.person.notSentState(
        t.words.states[notSent.state],
        notSent.reason === null ? '' : reasonText(notSent.reason, language),
      );
    case 'obstacle':
      return reasonText(notSent.reason, language);
    case 'paused':
      return t.person.notSentPaused(
        notSent.pauses.map(({ reason }) => reasonText(reason, language)).join('; '),
      );
    case 'refused_by_all_channels':
      return t.person.notSentRefused;
    default:
      return notSent satisfies never;
  }
}
