import { and, asc, eq, gt, isNotNull, isNull, lte, min, or } from 'drizzle-orm';
import { afterLetter, type LetterCase } from '../../domain/decide-letter.ts';
import { type Invitation, withoutDueLetter } from '../../domain/invitation.ts';
import { type Entry, service } from '../../domain/timeline.ts';
import { begunLetter, emailKeyOf, endedLetter } from '../rules.ts';
import { type LetterVerbs, StoreUnavailable } from '../store.ts';
import type { Access } from './connection.ts';
import { isUnconfirmed } from './identity.ts';
import { addEntry, findInvitation, save } from './invitations.ts';
import { invitationColumns, lettersOf } from './rows.ts';
import type { Writer } from './writer.ts';

export function letterVerbs(access: Access, writer: Writer): LetterVerbs {
  const { db, tables } = access;
  const { invitations } = tables;
  const { letterDueAt } = invitations;
  return {
    async dueLetters({ now, limit }) {
      const due = db
        .select(invitationColumns(tables))
        .from(invitations)
        .where(lte(letterDueAt, now))
        .orderBy(asc(letterDueAt))
        .limit(limit);
      return Promise.all((await due).map((invitation) => caseOf(access, invitation)));
    },
    async nextLetterAt(now) {
      const next = db.select({ at: min(letterDueAt) }).from(invitations);
      const [row] = await next.where(gt(letterDueAt, now));
      return row?.at ?? null;
    },
    async beginLetter(begun) {
      const letter = await writer.write((inside) => begin(inside, begun));
      if (letter !== 'unconfirmed') return letter;
      throw new StoreUnavailable('the latest letters may be missing from this database');
    },
    endLetter: (ended) => writer.write((inside) => end(inside, ended)),
    // No replica can be sure that another one has ended. A letter that an ended replica was mailing is
    // due again when the lease of its attempt ends. Then `nextLetter` returns `lost`.
    leftLetters: async () => [],
    postponeLetter: (invitationId, until) =>
      writer.write(async (inside) => {
        const isDue = and(eq(invitations.id, invitationId), isNotNull(letterDueAt));
        await inside.db.update(invitations).set({ letterDueAt: until }).where(isDue);
      }),
    withholdLetter: (invitationId, reason, at) =>
      writer.write(async (inside) => {
        const invitation = await findInvitation(inside, invitationId, 'update');
        if (!invitation || invitation.letterDueAt === null) return;
        await save(inside, withoutDueLetter(invitation));
        if (reason === null) return;
        const cause = { kind: 'portal_api' } as const;
        const entry: Entry = { event: 'letter_withheld', reason, actor: service, cause };
        await addEntry(inside, invitationId, entry, at);
      }),
    reviewReminders: (now) =>
      writer.write(async (inside) => {
        const mayGetOne = and(
          eq(invitations.letter, 'sent'),
          eq(invitations.status, 'issued'),
          or(isNull(letterDueAt), gt(letterDueAt, now)),
        );
        await inside.db.update(invitations).set({ letterDueAt: now }).where(mayGetOne);
      }),
  };
}

async function begin(
  access: Access,
  begun: Parameters<LetterVerbs['beginLetter']>[0],
): Promise<Invitation | null | 'unconfirmed'> {
  const { db, tables } = access;
  const { invitationId, attempt, at } = begun;
  if (await isUnconfirmed(access)) return 'unconfirmed';
  // Another replica may have stored this pause since this one read the pauses.
  const { name } = tables.pauses;
  const isRestored = db.select({ name }).from(tables.pauses).where(eq(name, 'restored'));
  if ((await isRestored).length > 0) return 'unconfirmed';
  const found = await findInvitation(access, invitationId, 'update');
  const letter = found && begunLetter(await caseOf(access, found), begun);
  if (!letter) return null;
  await db.insert(tables.letters).values({ ...attempt, invitationId, startedAt: at });
  await save(access, letter.invitation);
  for (const entry of letter.entries) await addEntry(access, invitationId, entry, at);
  return letter.invitation;
}

async function end(access: Access, ended: Parameters<LetterVerbs['endLetter']>[0]): Promise<void> {
  const { db, tables } = access;
  const { letters } = tables;
  const { attemptId, outcome, remindAfterMs, at } = ended;
  const open = and(eq(letters.id, attemptId), isNull(letters.outcome));
  const [attempt] = await db.select().from(letters).where(open).for('update');
  const invitation = attempt && (await findInvitation(access, attempt.invitationId, 'update'));
  if (!attempt || !invitation) return;
  const { columns, entry } = endedLetter(invitation, attempt.kind, ended);
  await db.update(letters).set(columns).where(open);
  await save(access, afterLetter(await caseOf(access, invitation), outcome, remindAfterMs, at));
  await addEntry(access, invitation.id, entry, at);
}

async function caseOf(access: Access, invitation: Invitation): Promise<LetterCase> {
  return {
    invitation,
    letters: await lettersOf(access, invitation.id),
    hasCome: await hasCome(access, invitation),
  };
}

/** Whether somebody with this address has registered and is still in the portal. */
async function hasCome({ db, tables }: Access, { email }: Invitation): Promise<boolean> {
  const { members } = tables;
  const emailKey = emailKeyOf(email);
  if (emailKey === null) return false;
  const isUser = and(
    eq(members.emailKey, emailKey),
    isNotNull(members.registeredAt),
    isNull(members.absentSince),
  );
  const rows = await db.select({ seq: members.seq }).from(members).where(isUser).limit(1);
  return rows.length > 0;
}
