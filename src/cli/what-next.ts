import { type InvitationStatus, invitationStatus } from '../domain/invitation.ts';
import type { Member } from '../domain/member.ts';
import type { InvitationStory } from '../store/store.ts';

/** What happens next with an invitation, or what the operator can do: one sentence. */
export function whatNext(story: InvitationStory, now: number): string {
  const status: InvitationStatus = invitationStatus(story.invitation, now);
  switch (status) {
    case 'issuing':
      return 'the portal is being asked; if it was interrupted, the next start settles it';
    case 'issued':
      return story.invitation.mode === 'link'
        ? 'the person opens the link and registers; it works for 7 days'
        : 'the person opens the letter of the portal and registers; it works for 7 days';
    case 'open':
      return 'anybody with the link can register; it works for 7 days';
    case 'registered':
    case 'activated':
      return story.members.map((member) => whatNextForMember(member, now)).join('; ');
    case 'welcomed':
      return 'nothing: this person came and was welcomed';
    case 'failed':
      return `invite again when this is mended: ${story.invitation.reason ?? reasons(story)}`;
    case 'revoked':
      return 'nothing: the invitation was revoked; the portal itself cannot take a link back';
    case 'expired':
      return 'invite again: the link no longer opens; who comes late still counts';
    default:
      return status satisfies never;
  }
}

/** What happens next with a member, or what the operator can do: one sentence. */
export function whatNextForMember(member: Member, now: number): string {
  switch (member.state) {
    case 'waiting':
      return `${member.reason ?? 'is being looked at'}; looked at again ${inWords(member.dueAt, now)}, and at once when the portal says something`;
    case 'ready':
      return `the welcome goes out ${inWords(member.dueAt, now)}, unless sending is paused`;
    case 'sending':
      return 'the welcome is being sent right now';
    case 'welcomed':
      return 'nothing: this person was welcomed';
    case 'skipped':
      return `nothing is sent: ${member.reason}`;
    case 'gone':
      return `nothing: the person left (${member.reason}); if they come back they are looked at again`;
    case 'failed':
      return `the welcome was refused: ${member.reason}`;
    case 'unknown':
      return `nobody knows whether the welcome arrived (${member.reason}): ask the person`;
    default:
      return member.state satisfies never;
  }
}

function reasons(story: InvitationStory): string {
  return story.members.map((member) => member.reason).join('; ');
}

function inWords(at: number | null, now: number): string {
  if (at === null || at <= now) return 'now';
  const minutes = Math.ceil((at - now) / 60_000);
  return minutes < 120 ? `in ${minutes} min` : `in ${Math.round(minutes / 60)} h`;
}
