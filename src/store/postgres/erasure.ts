import { and, eq, gt, inArray, isNotNull, isNull, lte, max, or, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { MemberReason } from '../../domain/reason.ts';
import { emailKey } from '../../domain/vocabulary.ts';
import { type ForgetKey, hashesToKeep } from '../forget-key.ts';
import {
  bodyNames,
  erasedAddress,
  erasedInvitation,
  erasedReason,
  foldForSearch,
  formsOf,
  invitationSearchText,
  isComplete,
  type PersonRows,
  plainPartOf,
  withoutMentions,
} from '../rules.ts';
import type { Erased, Erasure } from '../store.ts';
import { allOrNothing, commitAll } from './commit.ts';
import { type Access, waitForWriters } from './connection.ts';
import { save } from './invitations.ts';
import { emptyBodies, eraseBodies } from './members.ts';
import { invitationColumns, memberColumns } from './rows.ts';
import { eraseInRuns } from './runs.ts';
import type { Tables } from './schema.ts';
import { storable } from './schema.ts';
import type { Writer } from './writer.ts';

/** One query searches only this many delivery ids, so that few bodies are in memory. */
const bodiesAtOnce = 2_000;

/** The rows of a person, and `seq` of each member. */
type FoundPerson = PersonRows & { readonly seqs: readonly number[] };

/** The functions that erase a person from the tables. The server's log and backups are not changed. */
export function erasureVerbs(access: Access, writer: Writer, key: ForgetKey): Erasure {
  const { db, tables } = access;

  async function isAnybodyForgotten(): Promise<boolean> {
    const rows = await db.select({ at: tables.forgotten.at }).from(tables.forgotten).limit(1);
    return rows.length > 0;
  }

  return {
    async findPerson(email, after) {
      const named = await usersNamedInDeliveries(access, formsOf(email), after);
      const person = await findRows(access, email, named.userIds);
      const { members, userIdsInDeliveries, usersNotFollowed } = person;
      return { members, userIdsInDeliveries, usersNotFollowed, through: named.through };
    },
    async forget(erasure) {
      key.ensure();
      // The writer stores this result in `replicas`, so the result must not name the person.
      const erased = await writer.write((inside) => eraseUnlessStale(inside, key, erasure));
      if (erased === 'stale') return { kind: 'stale' };
      // A transaction that was accepting a delivery meanwhile, or while a person was forgotten earlier,
      // may not have seen that. So bodies are erased again when that transaction has ended.
      const isOverwritten = await waitForWriters(access, 'deliveries');
      const userIds = await forgottenUsersInBodies(access);
      const late = await writer.write((inside) => eraseBodies(inside, userIds));
      const deliveries = erased.deliveries + late;
      return { kind: 'erased', erased: { ...erased, deliveries }, isOverwritten };
    },
    overwriteErased: async () => true,
    async isForgetKeyLost() {
      if (!(await isAnybodyForgotten())) return false;
      const fingerprint = key.fingerprint();
      return fingerprint === null || !(await isAmongForgotten(access, [fingerprint]));
    },
    async wasWelcomedAndForgotten({ userId, email }) {
      if (!(await isAnybodyForgotten())) return false;
      const hashes = key.hashes({ userIds: [userId], emails: email === '' ? [] : [email] });
      // If the key is lost (logged at the start), nobody counts as forgotten. Greeting one person twice
      // is better than greeting nobody.
      return hashes !== null && isAmongForgotten(access, hashes);
    },
  };
}

async function eraseUnlessStale(
  access: Access,
  key: ForgetKey,
  { email, userIdsInDeliveries, changes, at }: Parameters<Erasure['forget']>[0],
): Promise<Erased | 'stale'> {
  const person = await findRows(access, email, userIdsInDeliveries, 'update');
  if (!isComplete(person, changes)) return 'stale';
  return allOrNothing(access, async () => {
    const erased = await eraseRows(access, person, at);
    const results = await commitAll(access, changes);
    if ([...results.values()].includes('stale')) return 'stale';
    const hashes = hashesToKeep(key, person).map((hash) => ({ hash, at }));
    const { forgotten } = access.tables;
    if (hashes.length > 0) await access.db.insert(forgotten).values(hashes).onConflictDoNothing();
    return { members: changes.length, ...erased };
  });
}

/** @returns the forgotten members about whom a delivery with a body is stored */
async function forgottenUsersInBodies({ db, tables }: Access): Promise<readonly string[]> {
  const { deliveries, members } = tables;
  const rows = await db
    .selectDistinct({ userId: members.userId })
    .from(members)
    .innerJoin(deliveries, eq(deliveries.userId, members.userId))
    .where(and(isNotNull(members.forgottenAt), sql`length(${deliveries.body}) > 0`));
  return rows.map((row) => row.userId);
}

async function isAmongForgotten(
  { db, tables: { forgotten } }: Access,
  hashes: readonly string[],
): Promise<boolean> {
  const isOne = inArray(forgotten.hash, [...hashes]);
  const rows = await db.select({ at: forgotten.at }).from(forgotten).where(isOne).limit(1);
  return rows.length > 0;
}

// ── Finding the person ───────────────────────────────────────────────────────────────────────────

/**
 * Finds the users whose deliveries contain one of the addresses in their bodies. A body may be the only
 * record of the address of a person who has not been checked yet, or of whom only the user id is stored.
 * @param emails the forms of the address
 * @param after deliveries up to this id were searched before
 */
async function usersNamedInDeliveries(
  access: Access,
  emails: readonly string[],
  after: number,
): Promise<{ readonly userIds: readonly string[]; readonly through: number }> {
  const { db, tables } = access;
  const { deliveries } = tables;
  const [last] = await db.select({ id: max(deliveries.id) }).from(deliveries);
  const through = Math.max(after, last?.id ?? 0);
  // A transaction that has not ended may have stored a delivery with an id up to `through`. If it does
  // not end in time, the same ids have to be searched again.
  const isComplete = await waitForWriters(access, 'deliveries');
  const found = new Set<string>();
  for (let from = after; from < through; from += bodiesAtOnce) {
    const isNext = and(gt(deliveries.id, from), lte(deliveries.id, from + bodiesAtOnce));
    const rows = await db
      .select({ userId: deliveries.userId, body: deliveries.body })
      .from(deliveries)
      .where(and(isNext, isNotNull(deliveries.userId), mayName(tables, emails)));
    for (const { userId, body } of rows) {
      const isNamed = emails.some((email) => bodyNames(body, email));
      if (userId !== null && isNamed) found.add(userId);
    }
  }
  return { userIds: [...found], through: isComplete ? through : after };
}

/**
 * A fast filter for `bodyNames`: it never excludes a body that contains one of the addresses. A body
 * need not be UTF-8, so its bytes are escaped. That does not change the characters of `plainPartOf`.
 */
function mayName({ deliveries }: Tables, emails: readonly string[]): SQL | undefined {
  const text = sql`lower(encode(${deliveries.body}, 'escape') COLLATE "C")`;
  return or(...emails.map((email) => sql`strpos(${text}, ${plainPartOf(email)}) > 0`));
}

/**
 * Collects the rows of a person. An invitation leads to its person, and the person leads to the
 * invitations of their other addresses.
 * @param lock keeps the rows as they are until the transaction ends
 */
async function findRows(
  { db, tables }: Access,
  email: string,
  userIdsInDeliveries: readonly string[],
  lock?: 'update',
): Promise<FoundPerson> {
  const { invitations, members, memberAddresses } = tables;
  const key = emailKey(email);
  const named = await db
    .select({ id: invitations.id, userId: invitations.userId })
    .from(invitations)
    .where(eq(invitations.emailKey, key));
  const hadAddress = db
    .select({ seq: memberAddresses.member })
    .from(memberAddresses)
    .where(eq(memberAddresses.emailKey, key));
  const membersFound = db
    .select({ seq: members.seq, member: memberColumns(tables) })
    .from(members)
    .where(
      or(
        eq(members.emailKey, key),
        inArray(members.seq, hadAddress),
        // A member with another address is left out, even if a delivery about that member contains
        // this address.
        and(inArray(members.userId, [...userIdsInDeliveries]), isNull(members.emailKey)),
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
    .orderBy(members.userId);
  const found = await (lock ? membersFound.for(lock) : membersFound);
  const invitationsFound = db
    .select(invitationColumns(tables))
    .from(invitations)
    .where(
      and(
        isNotNull(invitations.emailKey),
        or(
          eq(invitations.emailKey, key),
          isIn(
            invitations.userId,
            found.map((one) => one.member.userId),
          ),
          isIn(
            invitations.id,
            found.map((one) => one.member.invitationId),
          ),
        ),
      ),
    )
    .orderBy(invitations.seq);
  const personInvitations = await (lock ? invitationsFound.for(lock) : invitationsFound);
  const seqs = found.map((one) => one.seq);
  const former = await db
    .select({ email: memberAddresses.emailKey })
    .from(memberAddresses)
    .where(inArray(memberAddresses.member, seqs));
  const followed = await db
    .select({ userId: members.userId })
    .from(members)
    .where(inArray(members.userId, [...userIdsInDeliveries]));
  const rows = [{ email }, ...found.map((one) => one.member), ...personInvitations, ...former];
  const known = rows.flatMap((row) => row.email ?? []);
  const emails = known.filter((one) => !one.startsWith(erasedAddress)).flatMap(formsOf);
  return {
    members: found.map((one) => one.member),
    seqs,
    invitations: personInvitations,
    emails: [...new Set(emails)],
    userIdsInDeliveries,
    usersNotFollowed: userIdsInDeliveries.filter(
      (userId) => !followed.some((one) => one.userId === userId),
    ),
  };
}

function isIn(column: PgColumn, values: readonly (string | null)[]): SQL {
  return inArray(
    column,
    values.filter((value) => value !== null),
  );
}

/**
 * Erases what the tables other than `members` store about a person, inside the transaction of the
 * caller. The rows stay, so that no count changes.
 */
async function eraseRows(
  access: Access,
  person: FoundPerson,
  at: number,
): Promise<Omit<Erased, 'members'>> {
  const { db, tables } = access;
  const { attempts, letters } = tables;
  const userIds = person.members.map((one) => one.userId);
  const invitationIds = person.invitations.map((one) => one.id);
  const named = person.invitations.filter((one) => !one.email?.startsWith(erasedAddress));
  for (const invitation of named) await save(access, erasedInvitation(invitation, at));
  const isTheirs = inArray(attempts.member, [...person.seqs]);
  await db.update(attempts).set({ reason: null }).where(isTheirs);
  const isToThem = inArray(letters.invitationId, invitationIds);
  await db.update(letters).set({ reason: null }).where(isToThem);
  let mentions = 0;
  for (const email of person.emails) mentions += await eraseMentions(access, email);
  return {
    invitations: named.length,
    deliveries: (await eraseBodies(access, userIds)) + (await eraseBodiesNaming(access, person)),
    timelineEntries: await eraseEntries(access, person.seqs, invitationIds),
    mentions,
  };
}

/**
 * Erases further bodies that contain one of the addresses: bodies of unreadable deliveries, and of
 * deliveries about the users in `userIdsInDeliveries`.
 */
async function eraseBodiesNaming(
  access: Access,
  { emails, userIdsInDeliveries }: FoundPerson,
): Promise<number> {
  const { db, tables } = access;
  const { deliveries } = tables;
  const isSuspect = or(
    eq(deliveries.answer, 'unreadable'),
    userIdsInDeliveries.length === 0
      ? undefined
      : inArray(deliveries.userId, [...userIdsInDeliveries]),
  );
  const rows = await db
    .select({ id: deliveries.id, body: deliveries.body })
    .from(deliveries)
    .where(and(isSuspect, mayName(tables, emails)));
  const ids = rows
    .filter(({ body }) => emails.some((email) => bodyNames(body, email)))
    .map((row) => row.id);
  return ids.length === 0 ? 0 : emptyBodies(access, inArray(deliveries.id, ids));
}

async function eraseEntries(
  { db, tables: { timeline } }: Access,
  seqs: readonly number[],
  invitationIds: readonly string[],
): Promise<number> {
  const rows = await db
    .select({ id: timeline.id, params: timeline.params })
    .from(timeline)
    .where(
      and(
        or(inArray(timeline.member, [...seqs]), inArray(timeline.invitationId, [...invitationIds])),
        sql`${timeline.params} -> 'reason' ->> 'code' IS NOT NULL`,
      ),
    );
  const ids = rows.flatMap(({ id, params }) => {
    // The query selects only entries with a reason.
    const reason = params?.['reason'] as MemberReason;
    return erasedReason(reason) === reason ? [] : id;
  });
  // `erasedReason` returns the reason `forgotten` for each of these entries.
  const params = sql`jsonb_set(${timeline.params}, '{reason}', '{"code": "forgotten"}')`;
  await db.update(timeline).set({ params }).where(inArray(timeline.id, ids));
  return ids.length;
}

/**
 * Erases the address in the notes of other invitations, in stored answers to idempotent requests,
 * and in the rows of runs.
 */
async function eraseMentions(access: Access, email: string): Promise<number> {
  const { db, tables } = access;
  const { idempotencyKeys, invitations } = tables;
  let count = 0;
  const text = storable(foldForSearch(email));
  const notes = await db
    .select({ seq: invitations.seq, email: invitations.email, note: invitations.note })
    .from(invitations)
    .where(and(isNotNull(invitations.note), sql`strpos(${invitations.searchText}, ${text}) > 0`))
    .for('update');
  for (const row of notes) {
    const note = withoutMentions(row.note ?? '', email);
    if (note === row.note) continue;
    await db
      .update(invitations)
      .set({ note, searchText: invitationSearchText({ ...row, note }) })
      .where(eq(invitations.seq, row.seq));
    count += 1;
  }
  const answers = await db
    .select({ key: idempotencyKeys.key, body: idempotencyKeys.body })
    .from(idempotencyKeys)
    .where(sql`strpos(lower(${idempotencyKeys.body}), ${plainPartOf(email)}) > 0`)
    .for('update');
  for (const row of answers) {
    const body = withoutMentions(row.body ?? '', email);
    if (body === row.body) continue;
    await db.update(idempotencyKeys).set({ body }).where(eq(idempotencyKeys.key, row.key));
    count += 1;
  }
  return count + (await eraseInRuns(access, email));
}
