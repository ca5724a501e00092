import { invitationStoryView } from '../../api/invitations.ts';
import { memberStoryView, totalOf } from '../../api/members.ts';
import { invitationStatus, reminderDueAt } from '../../domain/invitation.ts';
import type { Member } from '../../domain/member.ts';
import { actorText, causeText, eventText } from '../../messages/render.ts';
import { lastKnownSwitches } from '../../onboarding/invitation-switches.ts';
import type {
  InvitationStory,
  MemberStory,
  PauseRow,
  StoreReads,
  TimelineEntry,
} from '../../store/store.ts';
import { displayWidth, wrapIndented } from '../layout.ts';
import { printable, printJson, style, type Terminal } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext, withReads } from '../verb.ts';
import { nextStep, nextStepOfMember, type Situation } from './next-step.ts';

/** `show EMAIL|ID`: prints one person or invitation with its timeline and its next step. */
export function show(context: VerbContext, wanted: string): Promise<ExitCode> {
  const { terminal } = context;
  return withReads(context, async (reads) => {
    const found = await find(reads, wanted);
    if (found.invitations.length === 0 && found.members.length === 0) {
      terminal.printError(`No member or invitation found for ${printable(wanted)}.`);
      return exitCodes.failed;
    }
    const now = Date.now();
    if (context.json) {
      const invitations = found.invitations.map((story) => invitationStoryView(story, now, 'en'));
      const members = found.members.map((story) => memberStoryView(story, 'en'));
      printJson(terminal, { invitations, members });
      return exitCodes.done;
    }
    const pauses: readonly PauseRow[] = await reads.pauses();
    const situation = { now, pauses, switches: await lastKnownSwitches(reads) };
    // The newest invitation is printed after the older ones, so that its next step is near the end.
    for (const story of found.invitations.toReversed()) printInvitation(terminal, story, situation);
    for (const story of found.members) printMember(terminal, story, situation);
    return exitCodes.done;
  });
}

type Found = {
  readonly invitations: readonly InvitationStory[];
  /** The found members that are not shown with any of these invitations. */
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

function printInvitation(terminal: Terminal, story: InvitationStory, situation: Situation): void {
  const { invitation, members, timeline } = story;
  const status = invitationStatus(invitation, situation.now);
  printHeading(terminal, invitation.email ?? 'open link', status);
  const how = deliveries[invitation.mode];
  printField(terminal, 'invited', `as ${invitation.employeeType}, ${how}, ${invitation.id}`);
  const reminderAt = reminderDueAt(invitation, situation.now);
  if (invitation.letter !== null) printField(terminal, 'letter', invitation.letter);
  if (reminderAt !== null) printField(terminal, 'reminder', `due at ${timeText(reminderAt)}`);
  if (invitation.note) printField(terminal, 'note', printable(invitation.note));
  const total = totalOf(invitation.memberCounts ?? {});
  if (total > members.length) {
    printField(terminal, 'members', `${total}; the newest ${members.length} are shown`);
  }
  for (const member of members) {
    const name = printable([member.firstName, member.lastName].filter(Boolean).join(' '));
    const person = [name, member.userId].filter(Boolean).join(', ');
    printField(terminal, 'member', `${person}: ${member.state}`);
    printOtherType(terminal, member);
  }
  printTimeline(terminal, timeline);
  printField(terminal, 'next', printable(nextStep(story, situation)), style('bold', 'next'));
}

const deliveries = {
  link: 'by link',
  email: 'mailed by the portal',
  smtp: 'mailed by this service',
} as const;

function printMember(terminal: Terminal, story: MemberStory, situation: Situation): void {
  const { member } = story;
  printHeading(terminal, member.email ?? member.userId, member.state);
  const invitation = member.invitationId ?? 'no invitation of this service';
  printField(terminal, 'member', `${member.userId}, ${invitation}`);
  printOtherType(terminal, member);
  printTimeline(terminal, story.timeline);
  printField(
    terminal,
    'next',
    printable(nextStepOfMember(member, situation)),
    style('bold', 'next'),
  );
}

/**
 * Prints the role in the portal if it is not the role of the invitation. The portal may give another role,
 * for example when no paid seat is left.
 */
function printOtherType(terminal: Terminal, { invitedAs, employeeType }: Member): void {
  if (invitedAs === null || employeeType === null || invitedAs === employeeType) return;
  printField(terminal, 'role', `${employeeType} in the portal, but invited as ${invitedAs}`);
}

function printHeading(terminal: Terminal, name: string, status: string): void {
  terminal.print(`${style('bold', printable(name))}  ${style('cyan', status)}`);
}

const fieldIndent = 11;

function printField(terminal: Terminal, name: string, text: string, shown = name): void {
  const first = `  ${shown}${' '.repeat(fieldIndent - 2 - name.length)}`;
  const { columns } = terminal;
  for (const line of wrapIndented({ first, indent: fieldIndent, text, columns }))
    terminal.print(line);
}

/** Formats a time (UTC ms) in UTC, such as `2026-11-23 14:03:07`. */
function timeText(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

/** Prints the time and the event of each entry, then the actor and the cause in a dim style. */
function printTimeline(terminal: Terminal, timeline: readonly TimelineEntry[]): void {
  const { columns } = terminal;
  const indent = 23;
  terminal.print('');
  for (const entry of timeline) {
    const first = `  ${style('dim', timeText(entry.at))}  `;
    const event = printable(eventText(entry));
    const why = printable(`${actorText(entry.actor)}, ${causeText(entry.cause)}`);
    const whole = `${event}  ${why}`;
    if (indent + displayWidth(whole) <= columns) {
      terminal.print(`${first}${event}  ${style('dim', why)}`);
      continue;
    }
    for (const line of wrapIndented({ first, indent, text: event, columns })) terminal.print(line);
    for (const line of wrapIndented({ first: ' '.repeat(indent), indent, text: why, columns })) {
      terminal.print(style('dim', line));
    }
  }
  terminal.print('');
}
