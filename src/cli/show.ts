import { invitationStoryView, memberStoryView, totalOf } from '../api/serializers.ts';
import { invitationStatus } from '../domain/invitation.ts';
import type { InvitationStory, MemberStory, StoreReads, TimelineEntry } from '../store/store.ts';
import { withReads } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { wrapped } from './show-layout.ts';
import { displayWidth } from './table.ts';
import { printable, style, type Terminal } from './terminal.ts';
import { whatNext, whatNextForMember } from './what-next.ts';

/** One person or invitation with its timeline; it ends with what happens next. */
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
    // The newest last: the end of the output is what happens next.
    for (const story of found.invitations.toReversed()) printInvitation(terminal, story, now);
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
  const { invitation, members, timeline } = story;
  const status = invitationStatus(invitation, now);
  printHeading(terminal, invitation.email ?? 'open link', status);
  const way = invitation.mode === 'email' ? 'mailed by the portal' : 'by link';
  printField(terminal, 'invited', `as ${invitation.employeeType}, ${way}, ${invitation.id}`);
  if (invitation.note) printField(terminal, 'note', printable(invitation.note));
  const total = totalOf(invitation.memberCounts ?? {});
  if (total > members.length) {
    printField(terminal, 'members', `${total}; the newest ${members.length} are shown`);
  }
  for (const member of members) {
    const name = printable([member.firstName, member.lastName].filter(Boolean).join(' '));
    const who = [name, member.userId].filter(Boolean).join(', ');
    printField(terminal, 'member', `${who}: ${member.state}`);
  }
  printTimeline(terminal, timeline);
  printField(terminal, 'next', whatNext(story, now), style('bold', 'next'));
}

function printMember(terminal: Terminal, story: MemberStory, now: number): void {
  const { member } = story;
  printHeading(terminal, member.email ?? member.userId, member.state);
  printField(terminal, 'member', `${member.userId}, no invitation of this service`);
  printTimeline(terminal, story.timeline);
  printField(terminal, 'next', whatNextForMember(member, now), style('bold', 'next'));
}

function printHeading(terminal: Terminal, whom: string, status: string): void {
  terminal.print(`${style('bold', printable(whom))}  ${style('cyan', status)}`);
}

const fieldIndent = 11;

function printField(terminal: Terminal, name: string, text: string, shown = name): void {
  const first = `  ${shown}${' '.repeat(fieldIndent - 2 - name.length)}`;
  const { columns } = terminal;
  for (const line of wrapped({ first, indent: fieldIndent, text, columns })) terminal.print(line);
}

/** The moment, what happened, and below it in dim who did it and why. */
function printTimeline(terminal: Terminal, timeline: readonly TimelineEntry[]): void {
  const { columns } = terminal;
  const indent = 23;
  terminal.print('');
  for (const entry of timeline) {
    const at = new Date(entry.at).toISOString().slice(0, 19).replace('T', ' ');
    const first = `  ${style('dim', at)}  `;
    const what = printable(entry.what);
    const why = printable(`${entry.actor}, ${entry.cause}`);
    const whole = `${what}  ${why}`;
    if (indent + displayWidth(whole) <= columns) {
      terminal.print(`${first}${what}  ${style('dim', why)}`);
      continue;
    }
    for (const line of wrapped({ first, indent, text: what, columns })) terminal.print(line);
    for (const line of wrapped({ first: ' '.repeat(indent), indent, text: why, columns })) {
      terminal.print(style('dim', line));
    }
  }
  terminal.print('');
}
