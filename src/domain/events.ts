import type { Invitation } from './invitation.ts';
import type { Member } from './member.ts';
import type { Entry, TimelineEvent } from './timeline.ts';
import type { EmployeeType } from './vocabulary.ts';

/** The types of the events for other programs (docs/events.md). */
export const eventTypes = [
  'invitation.issued',
  'invitation.registered',
  'invitation.expired',
  'invitation.revoked',
  'member.activated',
  'member.welcomed',
  'member.failed',
  'member.unknown',
  'member.skipped',
  'member.gone',
  'service.paused',
  'service.resumed',
] as const;
export type EventType = (typeof eventTypes)[number];

/** A timeline entry with the invitation and the member that it is about, as they are now. */
export type OutboxEntry = {
  /** A later entry has a larger id. */
  readonly id: number;
  readonly at: number;
  readonly entry: Entry;
  readonly invitation: Invitation | null;
  readonly member: Member | null;
};

/** An event for another program. It contains no link, no secret and no parameter of a reason. */
export type OutgoingEvent = {
  /** Every try to send the event has the same id, also after a restart. */
  readonly webhookId: string;
  readonly type: EventType | 'service.test';
  readonly at: number;
  readonly data: Readonly<Record<string, string | null>>;
};

/** The entries of the timeline that can become events. Other entries are not read from the outbox. */
export const outboxEvents = [
  'invitation_issued',
  'invitation_expired',
  'invitation_revoked',
  'registered',
  'activated',
  'welcomed',
  'resolved',
  'attempt_refused',
  'attempt_unknown',
  'skipped',
  'gone',
  'service_paused',
  'service_resumed',
] as const satisfies readonly TimelineEvent['event'][];

/**
 * Returns the type of the event that a timeline entry becomes.
 * @param isInvited whether the person came by an invitation
 * @returns null if no event is sent for the entry
 */
export function eventTypeOf(entry: TimelineEvent, isInvited: boolean): EventType | null {
  switch (entry.event) {
    case 'invitation_issued':
      return 'invitation.issued';
    case 'invitation_expired':
      return 'invitation.expired';
    case 'invitation_revoked':
      return 'invitation.revoked';
    case 'registered':
      return isInvited ? 'invitation.registered' : null;
    case 'activated':
      return 'member.activated';
    case 'welcomed':
      return 'member.welcomed';
    case 'resolved':
      return entry.outcome === 'sent' ? 'member.welcomed' : null;
    case 'attempt_refused':
      return entry.goesOn ? null : 'member.failed';
    case 'attempt_unknown':
      return entry.goesOn ? null : 'member.unknown';
    case 'skipped':
      return 'member.skipped';
    case 'gone':
      return 'member.gone';
    case 'service_paused':
      return 'service.paused';
    case 'service_resumed':
      return 'service.resumed';
    case 'invitation_requested':
    case 'invitation_failed':
    case 'invitation_resent':
    case 'link_renewed':
    case 'letter_requested':
    case 'letter_started':
    case 'letter_sent':
    case 'letter_not_sent':
    case 'letter_refused':
    case 'letter_unknown':
    case 'letter_withheld':
    case 'delivery_received':
    case 'delivery_missed':
    case 'poll_hint':
    case 'waiting':
    case 'returned':
    case 'left':
    case 'present_again':
    case 'attempt_started':
    case 'attempt_not_sent':
    case 'late_answer':
    case 'refusal_reverted':
    case 'invited_again':
    case 'retry_requested':
    case 'forgotten':
      return null;
    default:
      return entry satisfies never;
  }
}

/** The state of the invitation, the member or the service right after each event. */
const states: Readonly<Record<EventType, string>> = {
  'invitation.issued': 'issued',
  'invitation.registered': 'registered',
  'invitation.expired': 'expired',
  'invitation.revoked': 'revoked',
  'member.activated': 'ready',
  'member.welcomed': 'welcomed',
  'member.failed': 'failed',
  'member.unknown': 'unknown',
  'member.skipped': 'skipped',
  'member.gone': 'gone',
  'service.paused': 'paused',
  'service.resumed': 'running',
};

/** Returns the event that is sent for a timeline entry. Null: no event is sent for it. */
export function eventOf(outbox: OutboxEntry): OutgoingEvent | null {
  const { id, at, entry, invitation, member } = outbox;
  const type = eventTypeOf(entry, invitation !== null);
  if (type === null) return null;
  const reason = 'reason' in entry ? entry.reason.code : null;
  const state = states[type];
  const isAboutService = invitation === null && member === null;
  const data = isAboutService
    ? { state, reason }
    : { ...personOf(invitation, member), state, reason };
  // A restored database can give the same id to another entry, so `webhookId` contains the time, too.
  return { webhookId: `evt_${id}_${Math.trunc(at).toString(36)}`, type, at, data };
}

function personOf(invitation: Invitation | null, member: Member | null) {
  const employeeType: EmployeeType | null =
    member?.employeeType ?? invitation?.employeeType ?? null;
  return {
    invitationId: invitation?.id ?? null,
    userId: member?.userId ?? invitation?.userId ?? null,
    employeeType,
    email: member?.email ?? invitation?.email ?? null,
    firstName: member?.firstName ?? null,
    lastName: member?.lastName ?? null,
  };
}
