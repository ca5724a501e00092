import {
  type Invitation,
  type InvitationStatus,
  invitationStatus,
  linkIsOfUse,
} from '../domain/invitation.ts';
import type { Member } from '../domain/member.ts';
import type { EmployeeType, InvitationMode } from '../domain/vocabulary.ts';
import type {
  Attempt,
  InvitationStory,
  ListedInvitation,
  MemberCounts,
  MemberStory,
  TimelineEntry,
} from '../store/store.ts';

/* What goes out as JSON: times as RFC 3339 in UTC, names as in design.md. */

export type InvitationView = {
  readonly id: string;
  readonly status: InvitationStatus;
  readonly employeeType: EmployeeType;
  readonly mode: InvitationMode;
  readonly email: string | null;
  readonly note: string | null;
  readonly link: string | null;
  readonly issuedAt: string | null;
  readonly createdAt: string;
  readonly revokedAt: string | null;
  readonly reason: string | null;
  /** Of an open link only. */
  readonly memberCounts?: MemberCounts;
};

export function invitationView(
  invitation: Invitation | ListedInvitation,
  now: number,
): InvitationView {
  const counts = 'memberCounts' in invitation ? invitation.memberCounts : null;
  return {
    id: invitation.id,
    status: invitationStatus(invitation, now),
    employeeType: invitation.employeeType,
    mode: invitation.mode,
    email: invitation.email,
    note: invitation.note,
    link: linkIsOfUse(invitation, now) ? invitation.link : null,
    issuedAt: timeView(invitation.issuedAt),
    createdAt: new Date(invitation.createdAt).toISOString(),
    revokedAt: timeView(invitation.revokedAt),
    reason: invitation.reason,
    ...(counts ? { memberCounts: counts } : {}),
  };
}

export function memberView(member: Member) {
  return {
    userId: member.userId,
    state: member.state,
    reason: member.reason,
    email: member.email,
    firstName: member.firstName,
    lastName: member.lastName,
    employeeType: member.employeeType,
    invitationId: member.invitationId,
    dueAt: timeView(member.dueAt),
    registeredAt: timeView(member.registeredAt),
    activatedAt: timeView(member.activatedAt),
    welcomedAt: timeView(member.welcomedAt),
    absentSince: timeView(member.absentSince),
  };
}

export function invitationStoryView(story: InvitationStory, now: number) {
  const { memberCounts } = story.invitation;
  return {
    ...invitationView(story.invitation, now),
    memberTotal: memberCounts === null ? story.members.length : totalOf(memberCounts),
    members: story.members.map(memberView),
    timeline: story.timeline.map(timelineView),
  };
}

export function totalOf(counts: MemberCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

export function memberStoryView(story: MemberStory) {
  return {
    ...memberView(story.member),
    attempts: story.attempts.map(attemptView),
    timeline: story.timeline.map(timelineView),
  };
}

function attemptView(attempt: Attempt) {
  return {
    id: attempt.id,
    channel: attempt.channel,
    startedAt: timeView(attempt.startedAt),
    endedAt: timeView(attempt.endedAt),
    outcome: attempt.outcome,
    detail: attempt.detail,
  };
}

function timelineView(entry: TimelineEntry) {
  return {
    at: new Date(entry.at).toISOString(),
    what: entry.what,
    cause: entry.cause,
    actor: entry.actor,
    userId: entry.userId,
  };
}

export function timeView(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
