import { and, eq, inArray, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import { normaliseEmail } from '../../domain/vocabulary.ts';
import type { Erased, Forgetting } from '../forgetting.ts';
import type { Change } from '../store.ts';
import { changeCommitter } from './commit.ts';
import { type Bearers, erasedAddress, eraseRows } from './erase.ts';
import { createForgetKey, type ForgetKey } from './forget-key.ts';
import type { Db } from './open.ts';
import { readProgress, writeProgress } from './progress.ts';
import { invitationOf, memberOf } from './rows.ts';
import { forgotten, invitations, members, progress } from './schema.ts';
import { scrub, scrubAll } from './scrub.ts';
import { spellings, toldAbout } from './told-about.ts';
import type { Writer } from './writer.ts';

/** Set with the erasure, cleared after the scrubbing: a crash between them is made good at start. */
const scrubOwed = 'scrub_owed';

/** @param file absolute path of the database */
export function forgetting(db: Db, writer: Writer, file: string): Forgetting {
  const key = createForgetKey(file);
  const commitChange = changeCommitter(db);
  const remember = writeProgress(db);
  const isAnybodyForgotten = prepareIsAnybodyForgotten(db);

  return {
    async bearersOf(email, after) {
      const { userIds: told, through } = await toldAbout(db, normaliseEmail(email), after);
      const bearers = bearersOf(db, email, told);
      return { members: bearers.members, told, unmet: bearers.unmet, through };
    },
    async forget({ email, told, changes, at }) {
      key.ensure();
      const result = await writer.write(() => {
        const bearers = bearersOf(db, email, told);
        if (!isComplete(bearers, changes)) return null;
        try {
          // A savepoint: a stale change takes back the others of this person, and nobody else's.
          return db.$client.transaction(() => {
            const erased = eraseRows(db, bearers, at);
            for (const change of changes) {
              if (commitChange(change) === 'stale') throw staleSignal;
            }
            keepHashes(db, key, bearers, at);
            remember(scrubOwed, String(at));
            return { bearers, erased };
          })();
        } catch (error) {
          if (error === staleSignal) return null;
          throw error;
        }
      });
      if (result === null) return { kind: 'stale' };
      const isScrubbed = await scrub(db.$client, file, result.bearers.emails.flatMap(spellings));
      if (isScrubbed) {
        await writer.write(() => db.delete(progress).where(eq(progress.key, scrubOwed)).run());
      }
      const erased: Erased = { members: changes.length, ...result.erased };
      return { kind: 'erased', erased, isScrubbed };
    },
    async isForgetKeyLost() {
      if (!isAnybodyForgotten()) return false;
      const fingerprint = key.fingerprint();
      return fingerprint === null || !hasOneOf(db, [fingerprint]);
    },
    async wasWelcomedAndForgotten({ userId, email }) {
      if (!isAnybodyForgotten()) return false;
      const emails = email === '' ? [] : [email];
      const hashes = key.hashes({ userIds: [userId], emails });
      // The key is lost, which was said at the start: one person greeted anew, not everybody held.
      if (hashes === null) return false;
      return hasOneOf(db, hashes);
    },
  };
}

/** Before anything else is done with the file. */
export function finishScrubbing(db: Db): void {
  if (readProgress(db)(scrubOwed) === null) return;
  scrubAll(db.$client);
  db.delete(progress).where(eq(progress.key, scrubOwed)).run();
}

const staleSignal = new Error('a member changed since they were to be forgotten');

/** Asked at each look, so it is prepared once; without a LIMIT (see `givenLimit`): `get` reads one. */
function prepareIsAnybodyForgotten(db: Db): () => boolean {
  const first = db.select({ at: forgotten.at }).from(forgotten).prepare();
  return () => first.get() !== undefined;
}

function hasOneOf(db: Db, hashes: readonly string[]): boolean {
  const isOne = inArray(forgotten.hash, [...hashes]);
  return db.select({ at: forgotten.at }).from(forgotten).where(isOne).limit(1).get() !== undefined;
}

/** An invitation leads to its person, and a person to the invitations of their other addresses. */
function bearersOf(db: Db, email: string, told: readonly string[]): Bearers {
  const emailKey = normaliseEmail(email);
  const named = db.select().from(invitations).where(eq(invitations.emailKey, emailKey)).all();
  const found = db
    .select()
    .from(members)
    .where(
      or(
        eq(members.emailKey, emailKey),
        and(isIn(members.userId, told), isNull(members.emailKey)),
        isIn(
          members.userId,
          named.map((one) => one.userId),
        ),
        isIn(
          members.invitationId,
          named.map((one) => one.id),
        ),
      ),
    )
    .all();
  const theirs = db
    .select()
    .from(invitations)
    .where(
      and(
        isNotNull(invitations.emailKey),
        or(
          eq(invitations.emailKey, emailKey),
          isIn(
            invitations.userId,
            found.map((one) => one.userId),
          ),
          isIn(
            invitations.id,
            found.map((one) => one.invitationId),
          ),
        ),
      ),
    )
    .all();
  const known = [...found, ...theirs].flatMap((row) => row.emailKey ?? []);
  const emails = [emailKey, ...known.filter((one) => !one.startsWith(erasedAddress))];
  return {
    members: found.map(memberOf),
    invitations: theirs.map(invitationOf),
    emails: [...new Set(emails)],
    told,
    unmet: told.filter((userId) => !isMember(db, userId)),
  };
}

function isIn(column: SQLiteColumn, values: readonly (string | null)[]): SQL {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? sql`0` : inArray(column, known);
}

function isMember(db: Db, userId: string): boolean {
  const row = db.select({ seq: members.seq }).from(members).where(eq(members.userId, userId));
  return row.get() !== undefined;
}

function isComplete(bearers: Bearers, changes: readonly Change[]): boolean {
  const known = bearers.members.filter((one) => one.forgottenAt === null);
  const wanted = [...known.map((one) => one.userId), ...bearers.unmet];
  const given = new Set(changes.map((change) => change.member.userId));
  return wanted.length === given.size && wanted.every((userId) => given.has(userId));
}

/** Of who was welcomed, or may have been: the others may be greeted should they be invited anew. */
function keepHashes(db: Db, key: ForgetKey, bearers: Bearers, at: number): void {
  const welcomed = bearers.members.filter(
    ({ state }) => state === 'welcomed' || state === 'sending' || state === 'unknown',
  );
  if (welcomed.length === 0) return;
  const userIds = welcomed.map((one) => one.userId);
  const hashes = key.hashes({ userIds, emails: bearers.emails }) ?? [];
  for (const hash of [...hashes, key.fingerprint()]) {
    if (hash === null) continue;
    db.insert(forgotten).values({ hash, at }).onConflictDoNothing().run();
  }
}
