import {
  type Invitation,
  type InvitationStatus,
  invitationStatus,
} from '../../domain/invitation.ts';
import { type InvitationSwitches, switchedOff } from '../../domain/invitation-permissions.ts';
import type { Member } from '../../domain/member.ts';
import { reasonText } from '../../messages/render.ts';
import type { InvitationStory, PauseRow } from '../../store/store.ts';

/** A next step depends on the person, the time (UTC ms), the stored pauses and the stored switches. */
export type Situation = {
  readonly now: number;
  readonly pauses: readonly PauseRow[];
  readonly switches: InvitationSwitches;
};

/** Says in one sentence what happens next with an invitation, or what the operator can do. */
export function nextStep(story: InvitationStory, situation: Situation): string {
  const { invitation, members } = story;
  const status: InvitationStatus = invitationStatus(invitation, situation.now);
  const off = switchedOff(situation.switches, invitation.employeeType);
  if (off && (status === 'issued' || status === 'open')) {
    return `the portal lets nobody register by it now: ${reasonText(off)}`;
  }
  switch (status) {
    case 'issuing':
      return 'the portal is being asked; if the service stops meanwhile, its next start checks the invitation';
    case 'issued':
      if (invitation.mode === 'smtp') return nextOfLetter(invitation);
      return invitation.mode === 'link'
        ? 'the person opens the link and registers; the link works for 7 days'
        : 'the person opens the letter of the portal and registers; the letter works for 7 days, and for 15 minutes once it has been opened ("resend" sends a new one)';
    case 'open':
      return 'anybody with the link can register; the link works for 7 days';
    case 'registered':
    case 'activated':
      return members.map((member) => nextStepOfMember(member, situation)).join('; ');
    case 'welcomed':
      return 'nothing: this person was welcomed';
    case 'failed':
      if (invitation.stage === 'issued') {
        return members.map((member) => nextStepOfMember(member, situation)).join('; ');
      }
      return `invite again when this is fixed: ${invitation.reason ? reasonText(invitation.reason) : 'no reason is known'}`;
    case 'revoked':
      return 'nothing: the invitation is revoked; the portal itself cannot take a link back';
    case 'gone':
      return 'nothing: this person left the portal; invite them again if they come back';
    case 'expired':
      return 'invite again: the link no longer opens; a person who registers late still counts';
    default:
      return status satisfies never;
  }
}

function nextOfLetter({ id, letter }: Invitation): string {
  switch (letter) {
    case 'pending':
      return 'the running service mails the letter';
    case 'sent':
      return 'the person opens the link in the letter and registers; the link works for 7 days';
    case 'refused':
      return `the letter was refused: see the timeline; fix that, then run "resend ${id}"`;
    case 'unknown':
      return `it is not known whether the letter arrived: ask the person, or run "resend ${id}"`;
    case null:
      return 'no letter is mailed: see the timeline';
    default:
      return letter satisfies never;
  }
}

/** Says in one sentence what happens next with a member, or what the operator can do. */
export function nextStepOfMember(member: Member, { now, pauses }: Situation): string {
  const reason = member.reason ? reasonText(member.reason) : null;
  switch (member.state) {
    case 'waiting':
      return `${reason ?? 'the portal is being asked'}; checked again ${timeUntil(member.dueAt, now)}, and at once when the portal reports a change`;
    case 'ready': {
      const [pause] = pauses;
      return pause
        ? `the welcome is held back: ${reasonText(pause.reason)}; "resume" sends it`
        : `the welcome goes out ${timeUntil(member.dueAt, now)}`;
    }
    case 'sending':
      return 'the welcome is being sent right now';
    case 'welcomed':
      return 'nothing: this person was welcomed';
    case 'skipped':
      return `no welcome is sent: ${reason}`;
    case 'gone':
      return `nothing: the person left (${reason}); a person who comes back is checked again`;
    case 'failed':
      return `the welcome was refused: ${reason}; fix that, then run "retry ${member.userId}"`;
    case 'unknown':
      return `it is not known whether the welcome arrived (${reason}): ask the person, then run "resolve ${member.userId} sent" or "resolve ${member.userId} retry"`;
    default:
      return member.state satisfies never;
  }
}

function timeUntil(at: number | null, now: number): string {
  if (at === null || at <= now) return 'now';
  const minutes = Math.ceil((at - now) / 60_000);
  return minutes < 120 ? `in ${minutes} min` : `in ${Math.round(minutes / 60)} h`;
}
