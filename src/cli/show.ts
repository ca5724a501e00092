import { invitationStoryView, memberStoryView } from '../http/views.ts';
import { invitationStatus } from '../onboarding/invitation.ts';
import type { InvitationStory, MemberStory, StoreReads, TimelineEntry } from '../store/store.ts';
import { withReads } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { printable, style, type Terminal } from './terminal.ts';
import { whatNext, whatNextForMember } from './what-next.ts';

/** One person or invitation with its timeline, and what happens next. */
export function show(given: {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly wanted: string;
  readonly json: boolean;
}): Promise<ExitCode> {
  const { terminal, wanted } = given;
  return withReads(given, async (reads) => {
    const found = await find(reads, wanted);
    if (found.invitations.length === 0 && found.members.length === 0) {
      terminal.complain(`Nobody in the log is ${printable(wanted)}.`);
      return exitCodes.failed;
    }
    const now = Date.now();
    if (given.json) {
      const invitations = found.invitations.map((story) => invitationStoryView(story, now));
      const members = found.members.map(memberStoryView);
      terminal.print(JSON.stringify({ invitations, members }, null, 2));
      return exitCodes.done;
    }
    for (const story of found.invitations) printInvitation(terminal, story, now);
    for (const story of found.members) printMember(terminal, story, now);
    return exitCodes.done;
  });
}

type Found = {
  readonly invitations: readonly InvitationStory[];
  /** Members that none of these invitations brought. */
  readonly members: readonly MemberStory[];
};

async function find(reads: StoreReads, wanted: string): Promise<Found> {
  const byId = await reads.invitationStory(wanted);
  if (byId) return { invitations: [byId], members: [] };
  const isAddress = wanted.includes('@');
  const listed = isAddress
    ? await reads.listInvitations({ email: wanted }, { limit: 10 }, Date.now())
    : null;
  const stories = await Promise.all(
    (listed?.items ?? []).map((one) => reads.invitationStory(one.id)),
  );
  const invitations = stories.filter((story) => story !== null);
  const shown = new Set(invitations.flatMap((story) => story.members.map((one) => one.userId)));
  const people = isAddress
    ? (await reads.listMembers({ email: wanted }, { limit: 10 })).items.map((one) => one.userId)
    : [wanted.toLowerCase()];
  const others = people.filter((userId) => !shown.has(userId));
  const members = await Promise.all(others.map((userId) => reads.memberStory(userId)));
  return { invitations, members: members.filter((story) => story !== null) };
}

function printInvitation(terminal: Terminal, story: InvitationStory, now: number): void {
  const { invitation } = story;
  const status = invitationStatus(invitation, now);
  const whom = printable(invitation.email ?? 'open link');
  terminal.print(`${style('bold', whom)}  ${style('cyan', status)}`);
  terminal.print(`  ${invitation.employeeType} by ${invitation.mode}, invitation ${invitation.id}`);
  if (invitation.note) terminal.print(`  note: ${printable(invitation.note)}`);
  for (const member of story.members) {
    const name = printable([member.firstName, member.lastName].filter(Boolean).join(' '));
    terminal.print(`  member ${member.userId} ${name}: ${member.state}`);
  }
  printTimeline(terminal, story.timeline);
  terminal.print(`  ${style('bold', 'next')}  ${whatNext(story, now)}`);
}

function printMember(terminal: Terminal, story: MemberStory, now: number): void {
  const { member } = story;
  const whom = printable(member.email ?? member.userId);
  terminal.print(`${style('bold', whom)}  ${style('cyan', member.state)}`);
  terminal.print(`  member ${member.userId}, no invitation of this service`);
  printTimeline(terminal, story.timeline);
  terminal.print(`  ${style('bold', 'next')}  ${whatNextForMember(member, now)}`);
}

function printTimeline(terminal: Terminal, timeline: readonly TimelineEntry[]): void {
  for (const entry of timeline) {
    const at = new Date(entry.at).toISOString().slice(0, 19).replace('T', ' ');
    terminal.print(
      `  ${style('dim', at)}  ${printable(entry.what)}  ${style('dim', `${entry.actor}, ${entry.cause}`)}`,
    );
  }
}
