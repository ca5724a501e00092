import type { Child } from 'hono/jsx';
import {
  type Invitation,
  invitationLifetimeMs,
  invitationStatus,
  linkIsOfUse,
} from '../../domain/invitation.ts';
import type { Member } from '../../domain/member.ts';
import type { Preview } from '../../operations/preview.ts';
import type { InvitationStory, MemberStory, TimelineEntry } from '../../store/store.ts';
import { StateChip, StatusChip } from '../components/chip.tsx';
import { CopyLink } from '../components/copy-link.tsx';
import { Layout } from '../components/layout.tsx';
import { LogText } from '../components/log-text.tsx';
import { nextStep } from '../components/next-step.ts';
import { invitationActions, memberActions } from '../components/person-actions.tsx';
import { nameOf, PersonFacts } from '../components/person-facts.tsx';
import { Timeline } from '../components/timeline.tsx';
import { Attempts, WelcomePreview } from '../components/welcome.tsx';
import type { View } from '../view.ts';
import { sumOf } from './overview-figures.ts';
import { Rows } from './people.tsx';

/** One person from invitation to welcome: with an invitation, with a portal user, or with both. */
export function PersonPage(props: {
  readonly view: View;
  readonly invitation: Invitation | null;
  /** The open link that brought them; null: none, or the invitation is shown. */
  readonly broughtBy?: string | null;
  readonly story: MemberStory | null;
  readonly timeline: readonly TimelineEntry[];
  readonly preview: Preview | null;
}) {
  const { view, invitation, story, preview } = props;
  const member = story?.member ?? null;
  const title =
    member?.email || invitation?.email || (member && nameOf(member)) || member?.userId || '';
  const actions = [
    ...(invitation ? invitationActions(view, invitation) : []),
    ...(member ? memberActions(view, member) : []),
  ];
  return (
    <Layout view={view} title={title} place={invitation ? 'invitations' : null} isLive>
      <Now view={view} invitation={invitation} member={member} actions={actions} />
      {invitation && <TheLink view={view} invitation={invitation} />}
      <div class="cards">
        <section class="card">
          <PersonFacts view={view} invitation={invitation} member={member} />
          {!invitation && (
            <p class="hint">
              {props.broughtBy ? (
                <a href={`/invitations/${props.broughtBy}`}>{view.say.person.seeInvitation}</a>
              ) : (
                view.say.person.noInvitation
              )}
            </p>
          )}
        </section>
        <Timeline view={view} entries={props.timeline} />
      </div>
      {story && story.attempts.length > 0 && <Attempts view={view} attempts={story.attempts} />}
      {preview && <WelcomePreview view={view} preview={preview} />}
    </Layout>
  );
}

/** An open link, or the rare invitation that brought several people. */
export function OpenLinkPage(props: { readonly view: View; readonly story: InvitationStory }) {
  const { view, story } = props;
  const { say, formats } = view;
  const { invitation, members } = story;
  const all = invitation.memberCounts ? sumOf(invitation.memberCounts) : members.length;
  return (
    <Layout view={view} title={invitation.email ?? say.common.openLink} place="invitations" isLive>
      <Now
        view={view}
        invitation={invitation}
        member={null}
        actions={invitationActions(view, invitation)}
      />
      <TheLink view={view} invitation={invitation} />
      <section class="card" aria-labelledby="members">
        <h2 id="members">{say.person.members}</h2>
        {members.length === 0 ? (
          <p class="soft">{say.common.nobody}</p>
        ) : (
          <Rows view={view} items={members} />
        )}
        {all > members.length && (
          <p class="hint">
            {say.person.newestMembers(formats.number(members.length), formats.number(all))}
          </p>
        )}
      </section>
      <div class="cards">
        <section class="card">
          <PersonFacts view={view} invitation={invitation} member={null} />
        </section>
        <Timeline view={view} entries={story.timeline} />
      </div>
    </Layout>
  );
}

type Shown = {
  readonly view: View;
  readonly invitation: Invitation | null;
  readonly member: Member | null;
  readonly actions: readonly Child[];
};

/** Where they are, what happens next, and what somebody can do about it. */
function Now({ view, invitation, member, actions }: Shown) {
  const { person } = view.say;
  const status = invitation && invitationStatus(invitation, view.now);
  const reason = member?.reason ?? invitation?.reason ?? null;
  return (
    <section class="card" aria-labelledby="next">
      <div class="head">
        {member ? (
          <StateChip view={view} state={member.state} />
        ) : (
          status && <StatusChip view={view} status={status} />
        )}
        {reason !== null && <LogText text={reason} />}
        {member && member.absentSince !== null && (
          <span class="soft">
            {person.absent(view.formats.moment(member.absentSince, view.now))}
          </span>
        )}
      </div>
      <h2 id="next" class="unseen">
        {person.next}
      </h2>
      <p>{nextStep(view, { invitation, status, member })}</p>
      {actions.length > 0 && <div class="buttons">{actions}</div>}
    </section>
  );
}

function TheLink(props: { readonly view: View; readonly invitation: Invitation }) {
  const { view, invitation } = props;
  const { person } = view.say;
  const { link, issuedAt } = invitation;
  if (link === null || !linkIsOfUse(invitation, view.now)) return null;
  return (
    <section class="card" aria-labelledby="link-title">
      <div class="head">
        <h2 id="link-title">
          {invitation.email === null ? person.openLinkTitle : person.linkTitle}
        </h2>
        <CopyLink view={view} link={link} />
      </div>
      <input class="link" readonly value={link} aria-labelledby="link-title" />
      {issuedAt !== null && (
        <p class="hint">
          {person.linkWorks(view.formats.moment(issuedAt + invitationLifetimeMs, view.now))}
        </p>
      )}
    </section>
  );
}
