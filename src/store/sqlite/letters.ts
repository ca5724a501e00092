import { and, asc, eq, gt, isNotNull, isNull, lte, min, or } from 'drizzle-orm';
import { afterLetter, type LetterCase } from '../../domain/decide-letter.ts';
import { type Invitation, withoutDueLetter } from '../../domain/invitation.ts';
import { type Entry, service } from '../../domain/timeline.ts';
import { begunLetter, emailKeyOf, endedLetter } from '../rules.ts';
import type { LetterVerbs } from '../store.ts';
import { addEntry, findInvitation, save } from './invitations.ts';
import type { Db } from './open.ts';
import { invitationColumns, lettersOf } from './rows.ts';
import { invitations, letters, members } from './schema.ts';
import type { Writer } from './writer.ts';

export function letterVerbs(db: Db, writer: Writer): LetterVerbs {
  const { letterDueAt } = invitations;
  return {
    async dueLetters({ now, limit }) {
      const due = db.select(invitationColumns).from(invitations).where(lte(letterDueAt, now));
      const rows = due.orderBy(asc(letterDueAt)).limit(limit).all();
      return rows.map((invitation) => caseOf(db, invitation));
    },
    async nextLetterAt(now) {
      const next = db.select({ at: min(letterDueAt) }).from(invitations);
      return next.where(gt(letterDueAt, now)).get()?.at ?? null;
    },
    beginLetter: (begun) =>
      writer.write(() => {
        const { invitationId, attempt, at } = begun;
        const found = findInvitation(db, invitationId);
        const letter = found && begunLetter(caseOf(db, found), begun);
        if (!letter) return null;
        db.insert(letters)
          .values({ ...attempt, invitationId, startedAt: at })
          .run();
        save(db, letter.invitation);
        for (const entry of letter.entries) addEntry(db, invitationId, entry, at);
        return letter.invitation;
      }),
    endLetter: (ended) =>
      writer.write(() => {
        const { attemptId, outcome, remindAfterMs, at } = ended;
        const open = and(eq(letters.id, attemptId), isNull(letters.outcome));
        const attempt = db.select().from(letters).where(open).get();
        const invitation = attempt && findInvitation(db, attempt.invitationId);
        if (!attempt || !invitation) return;
        const { columns, entry } = endedLetter(invitation, attempt.kind, ended);
        db.update(letters).set(columns).where(open).run();
        save(db, afterLetter(caseOf(db, invitation), outcome, remindAfterMs, at));
        addEntry(db, invitation.id, entry, at);
      }),
    async leftLetters() {
      const open = db.select({ id: letters.id }).from(letters).where(isNull(letters.outcome));
      return open.all().map(({ id }) => id);
    },
    postponeLetter: (invitationId, until) =>
      writer.write(() => {
        const isDue = and(eq(invitations.id, invitationId), isNotNull(letterDueAt));
        db.update(invitations).set({ letterDueAt: until }).where(isDue).run();
      }),
    withholdLetter: (invitationId, reason, at) =>
      writer.write(() => {
        const invitation = findInvitation(db, invitationId);
        if (!invitation || invitation.letterDueAt === null) return;
        save(db, withoutDueLetter(invitation));
        if (reason === null) return;
        const cause = { kind: 'portal_api' } as const;
        const entry: Entry = { event: 'letter_withheld', reason, actor: service, cause };
        addEntry(db, invitationId, entry, at);
      }),
    reviewReminders: (now) =>
      writer.write(() => {
        const mayGetOne = and(
          eq(invitations.letter, 'sent'),
          eq(invitations.status, 'issued'),
          or(isNull(letterDueAt), gt(letterDueAt, now)),
        );
        db.update(invitations).set({ letterDueAt: now }).where(mayGetOne).run();
      }),
  };
}

function caseOf(db: Db, invitation: Invitation): LetterCase {
  return {
    invitation,
    letters: lettersOf(db, invitation.id),
    hasCome: hasCome(db, invitation),
  };
}

/** Whether somebody with this address has registered and is still in the portal. */
function hasCome(db: Db, { email }: Invitation): boolean {
  const emailKey = emailKeyOf(email);
  if (emailKey === null) return false;
  const isUser = and(
    eq(members.emailKey, emailKey),
    isNotNull(members.registeredAt),
    isNull(members.absentSince),
  );
  return db.select({ seq: members.seq }).from(members).where(isUser).limit(1).get() !== undefined;
}
