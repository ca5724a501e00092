import { and, eq, inArray, isNotNull, like, or, type SQL, sql } from 'drizzle-orm';
import type { Invitation } from '../../domain/invitation.ts';
import type { Member } from '../../domain/member.ts';
import type { Erased } from '../forgetting.ts';
import { matchOf, piecesOf } from './invitation-pieces.ts';
import { literally } from './invitation-text.ts';
import type { Db } from './open.ts';
import { derivedColumns, isOver } from './rows.ts';
import { attempts, deliveries, invitations, keyedAnswers, members, timeline } from './schema.ts';
import { names } from './told-about.ts';
import { isAbout } from './whose-deliveries.ts';

/** One person, as the log knows them. */
export type Bearers = {
  readonly members: readonly Member[];
  /** Those with an address; an open link is nobody's. */
  readonly invitations: readonly Invitation[];
  /** Normalised. */
  readonly emails: readonly string[];
  /** User ids that deliveries name with one of the addresses; `unmet`: who are no members yet. */
  readonly told: readonly string[];
  readonly unmet: readonly string[];
};

/** What stands for an address that was erased, before the invitation's id. No address has a colon. */
export const erasedAddress = 'forgotten:';

/**
 * Erases what the tables beside `members` hold of a person, inside the transaction of the caller.
 * The rows stay, so that every count does.
 */
export function eraseRows(db: Db, person: Bearers, at: number): Omit<Erased, 'members'> {
  // The full-text index would keep the pieces of what is deleted (sqlite.org/fts5.html, 6.10).
  db.run(sql`INSERT INTO invitations_text (invitations_text, rank) VALUES ('secure-delete', 1)`);
  const userIds = person.members.map((one) => one.userId);
  const named = person.invitations.filter((one) => one.email !== placeholder(one));
  for (const invitation of named) eraseInvitation(db, invitation, at);
  const noDetail = { detail: null };
  const theirs = db
    .select({ seq: members.seq })
    .from(members)
    .where(inArray(members.userId, userIds));
  db.update(attempts).set(noDetail).where(inArray(attempts.member, theirs)).run();
  return {
    invitations: named.length,
    deliveries:
      userIds.reduce((sum, userId) => sum + eraseBodies(db, userId), 0) +
      eraseBodiesNaming(db, person.told, person.emails),
    timelineEntries: eraseWords(
      db,
      inArray(timeline.member, theirs),
      person.invitations.map((one) => one.id),
    ),
    mentions: eraseMentions(db, person.emails),
  };
}

/** Empties the bodies of the deliveries about one user; that they came stays known. */
export function eraseBodies(db: Db, userId: string): number {
  const isFilled = sql`length(${deliveries.body}) > 0`;
  return db
    .update(deliveries)
    .set({ body: Buffer.alloc(0) })
    .where(and(isAbout(db, [userId]), isFilled))
    .run().changes;
}

/** Null would make an open link of it, which anybody could come by. */
function placeholder(invitation: Invitation): string {
  return `${erasedAddress}${invitation.id}`;
}

/** An invitation that nobody came by yet is closed with it. */
function eraseInvitation(db: Db, invitation: Invitation, at: number): void {
  const isOutstanding = invitation.progress === 'none' && invitation.stage !== 'failed';
  const erased: Invitation = {
    ...invitation,
    email: placeholder(invitation),
    note: null,
    link: null,
    reason: invitation.reason === null ? null : 'forgotten',
    revokedAt: invitation.revokedAt ?? (isOutstanding ? at : null),
  };
  db.update(invitations)
    .set({
      ...erased,
      ...derivedColumns(erased),
      ...(isOver(erased) ? { current: false } : {}),
    })
    .where(eq(invitations.id, invitation.id))
    .run();
}

/** Of nobody's unreadable deliveries, and of those whose address it was once. */
function eraseBodiesNaming(db: Db, told: readonly string[], emails: readonly string[]): number {
  const isSuspect = or(sql`${deliveries.answer} = 'unreadable'`, isAbout(db, told));
  return db
    .update(deliveries)
    .set({ body: Buffer.alloc(0) })
    .where(and(isSuspect, or(...emails.map(names))))
    .run().changes;
}

/** After the colon come the words of others: of a mail server, of the portal, of a person. */
function eraseWords(db: Db, isMembers: SQL, invitationIds: readonly string[]): number {
  const { what, cause } = timeline;
  const isTheirs = or(isMembers, inArray(timeline.invitationId, [...invitationIds]));
  return db
    .update(timeline)
    .set({
      what: sql`CASE WHEN instr(${what}, ':') > 0 THEN substr(${what}, 1, instr(${what}, ':') - 1) ELSE ${what} END`,
      cause: sql`CASE WHEN instr(${cause}, '@') > 0 THEN 'forgotten' ELSE ${cause} END`,
    })
    .where(and(isTheirs, sql`(instr(${what}, ':') > 0 OR instr(${cause}, '@') > 0)`))
    .run().changes;
}

/** The address in the notes of other invitations, and in answers kept for a repeated request. */
function eraseMentions(db: Db, emails: readonly string[]): number {
  let count = 0;
  const columns = { seq: invitations.seq, note: invitations.note };
  for (const email of emails) {
    const pieces = piecesOf(email);
    if (pieces.length === 0) continue;
    const match = matchOf(pieces);
    const mayMention = sql`${invitations.seq} IN (SELECT rowid FROM invitations_text WHERE invitations_text MATCH ${match})`;
    for (const { seq, note } of db.select(columns).from(invitations).where(mayMention).all()) {
      const without = note === null ? null : withoutMention(note, email);
      if (without === note) continue;
      db.update(invitations).set({ note: without }).where(eq(invitations.seq, seq)).run();
      count += 1;
    }
    const kept = and(isNotNull(keyedAnswers.body), like(keyedAnswers.body, `%${email}%`));
    for (const { key, body } of db.select().from(keyedAnswers).where(kept).all()) {
      const without = body === null ? null : withoutMention(body, email);
      db.update(keyedAnswers).set({ body: without }).where(eq(keyedAnswers.key, key)).run();
      count += 1;
    }
  }
  return count;
}

function withoutMention(text: string, email: string): string {
  return text.replace(new RegExp(literally(email), 'gi'), 'forgotten');
}
