import type { Child } from 'hono/jsx';
import type { LetterAttempt } from '../../domain/decide-letter.ts';
import {
  type Invitation,
  invitationLifetimeMs,
  invitationStatus,
  isLinkUsable,
} from '../../domain/invitation.ts';
import type { Member } from '../../domain/member.ts';
import type { Preview } from '../../operations/preview.ts';
import type { InvitationStory, MemberStory, TimelineEntry } from '../../store/store.ts';
import { StateChip, StatusChip } from '../components/chip.tsx';
import { CopyLink } from '../components/forms.tsx';
import { Layout } from '../components/layout.tsx';
import { invitationActions, memberActions, nextStep } from '../components/next-step.tsx';
import { nameOf, PersonFacts } from '../components/person-facts.tsx';
import { ReasonText } from '../components/reason.tsx';
import { Timeline } from '../components/timeline.tsx';
import { Attempts, Letters, WelcomePreview } from '../components/welcome.tsx';
import type { Viewer } from '../viewer.ts';
import { sumOf } from './overview-figures.ts';
import { Rows } from './people.tsx';

/** One person from invitation to welcome: an invitation, a portal user, or both. */
export function PersonPage(props: {
  readonly viewer: Viewer;
  readonly invitation: Invitation | null;
  /** The id of the open link that the person used. Null: none, or the invitation is shown itself. */
  readonly broughtBy?: string | null;
  readonly story: MemberStory | null;
  readonly letters?: readonly LetterAttempt[];
  readonly timeline: readonly TimelineEntry[];
  readonly preview: Preview | null;
}) {
  const { viewer, invitation, story, preview, letters = [] } = props;
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
                <a href={viewer.url(`/invitations/${props.broughtBy}`)}>
                  {viewer.t.person.seeInvitation}
                </a>
              ) : (
                viewer.t.person.noInvitation
              )}
            </p>
          )}
        </section>
        <Timeline viewer={viewer} entries={props.timeline} />
      </div>
      {letters.length > 0 && <Letters viewer={viewer} letters={letters} />}
      {story && story.attempts.length > 0 && <Attempts viewer={viewer} attempts={story.attempts} />}
      {preview && <WelcomePreview viewer={viewer} preview={preview} />}
    </Layout>
  );
}

/** The page of an open link, or of an invitation that several people used, which is rare. */
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

/** The state, the next step, and the buttons for it. */
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
