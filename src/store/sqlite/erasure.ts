import { closeSync, createReadStream, existsSync, openSync, read } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { and, eq, gt, inArray, isNotNull, isNull, lte, max, or, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { MemberReason } from '../../domain/reason.ts';
import { emailKey } from '../../domain/vocabulary.ts';
import { faultOf } from '../files.ts';
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
  spellingsOf,
  withoutMentions,
} from '../rules.ts';
import { type Erased, type Erasure, StoreUnavailable } from '../store.ts';
import { prepareCommit, unlessStale } from './commit.ts';
import { save } from './invitations.ts';
import { deleteValue, prepareGetValue, prepareSetValue } from './key-values.ts';
import { emptyBodies, eraseBodies, isAbout } from './members.ts';
import type { Db } from './open.ts';
import { invitationColumns, memberColumns } from './rows.ts';
import { eraseInRuns } from './runs.ts';
import {
  attempts,
  deliveries,
  forgotten,
  idempotencyKeys,
  invitations,
  letters,
  memberAddresses,
  members,
  timeline,
} from './schema.ts';
import type { Writer } from './writer.ts';

/**
 * The number of delivery ids that are searched in one turn of the event loop. Other work runs between
 * two turns.
 */
const bodiesAtOnce = 2_000;

export function erasureVerbs(db: Db, writer: Writer, key: ForgetKey): Erasure {
  const commitChange = prepareCommit(db);
  const getValue = prepareGetValue(db);
  const setValue = prepareSetValue(db);
  const firstForgotten = db.select({ at: forgotten.at }).from(forgotten).limit(1).prepare();
  const isAnybodyForgotten = () => firstForgotten.get() !== undefined;

  /**
   * Overwrites the erased texts in the files. Returns false if that must be tried again later.
   * @param owed the present value of `overwrite_owed`. If a newer erasure replaces this value meanwhile,
   *   the new value stays
   */
  async function overwriteOwed(texts: readonly string[] | null, owed: string): Promise<boolean> {
    try {
      const isOverwritten = await overwrite(db, texts);
      if (isOverwritten) {
        await writer.write(() => {
          if (getValue('overwrite_owed') === owed) deleteValue(db, 'overwrite_owed');
        });
      }
      return isOverwritten;
    } catch (error) {
      // The texts are erased in the tables already. Housekeeping tries to overwrite the files again.
      if (error instanceof StoreUnavailable || faultOf(error, db.$client.name)) return false;
      throw error;
    }
  }

  return {
    async findPerson(email, after) {
      const named = await usersNamedInDeliveries(db, formsOf(email), after);
      const person = findRows(db, email, named.userIds);
      const { members, userIdsInDeliveries, usersNotFollowed } = person;
      return { members, userIdsInDeliveries, usersNotFollowed, through: named.through };
    },
    async forget({ email, userIdsInDeliveries, changes, at }) {
      key.ensure();
      const result = await writer.write(() => {
        const person = findRows(db, email, userIdsInDeliveries);
        if (!isComplete(person, changes)) return 'stale';
        return unlessStale(db, commitChange, (commit) => {
          const erased = eraseRows(db, person, at);
          for (const change of changes) commit(change);
          const hashes = hashesToKeep(key, person).map((hash) => ({ hash, at }));
          if (hashes.length > 0) db.insert(forgotten).values(hashes).onConflictDoNothing().run();
          // If an earlier erasure has not overwritten its texts yet, they are no longer known. Then the
          // whole file must be written again.
          const isAllOwed = getValue('overwrite_owed') !== null;
          setValue('overwrite_owed', String(at));
          return { emails: person.emails, erased, isAllOwed };
        });
      });
      if (result === 'stale') return { kind: 'stale' };
      const { emails, isAllOwed } = result;
      const texts = isAllOwed ? null : emails.flatMap(spellingsOf);
      const isOverwritten = await overwriteOwed(texts, String(at));
      return {
        kind: 'erased',
        erased: { members: changes.length, ...result.erased },
        isOverwritten,
      };
    },
    async overwriteErased() {
      const owed = getValue('overwrite_owed');
      return owed === null || overwriteOwed(null, owed);
    },
    async isForgetKeyLost() {
      if (!isAnybodyForgotten()) return false;
      const fingerprint = key.fingerprint();
      return fingerprint === null || !isAmongForgotten(db, [fingerprint]);
    },
    async wasWelcomedAndForgotten({ userId, email }) {
      if (!isAnybodyForgotten()) return false;
      const hashes = key.hashes({ userIds: [userId], emails: email === '' ? [] : [email] });
      // If the key is lost (logged at the start), nobody counts as forgotten. Greeting one person
      // twice is better than greeting nobody.
      return hashes !== null && isAmongForgotten(db, hashes);
    },
  };
}

function isAmongForgotten(db: Db, hashes: readonly string[]): boolean {
  const isOne = inArray(forgotten.hash, [...hashes]);
  return db.select({ at: forgotten.at }).from(forgotten).where(isOne).get() !== undefined;
}

// ── Finding the person ───────────────────────────────────────────────────────────────────────────

/**
 * Finds the users of deliveries whose body contains the address. Such a user may be a member whose
 * row has only the user id, or a user who has not been checked yet.
 * @param emails the forms of the address
 * @param after deliveries up to this id were searched before
 */
async function usersNamedInDeliveries(
  db: Db,
  emails: readonly string[],
  after: number,
): Promise<{ readonly userIds: readonly string[]; readonly through: number }> {
  const last = db.select({ id: max(deliveries.id) }).from(deliveries);
  const through = Math.max(after, last.get()?.id ?? 0);
  const found = new Set<string>();
  for (let from = after; from < through; from += bodiesAtOnce) {
    const rows = db
      .select({ userId: deliveries.userId, body: deliveries.body })
      .from(deliveries)
      .where(
        and(
          gt(deliveries.id, from),
          lte(deliveries.id, from + bodiesAtOnce),
          isNotNull(deliveries.userId),
          or(...emails.map(mayName)),
        ),
      )
      .all();
    for (const { userId, body } of rows) {
      const isNamed = emails.some((email) => bodyNames(body, email));
      if (userId !== null && isNamed) found.add(userId);
    }
    await nextTurn();
  }
  return { userIds: [...found], through };
}

/**
 * A fast condition that holds for every body that contains the address, but also for other bodies:
 * `bodyNames` decides.
 */
function mayName(email: string): SQL {
  return sql`instr(lower(CAST(${deliveries.body} AS TEXT)), ${plainPartOf(email)}) > 0`;
}

/**
 * Collects the rows of a person. The invitations with this address lead to members, and the members lead
 * to their other addresses and invitations.
 */
function findRows(db: Db, email: string, userIdsInDeliveries: readonly string[]): PersonRows {
  const key = emailKey(email);
  const named = db
    .select(invitationColumns)
    .from(invitations)
    .where(eq(invitations.emailKey, key))
    .all();
  const hadAddress = db
    .select({ seq: memberAddresses.member })
    .from(memberAddresses)
    .where(eq(memberAddresses.emailKey, key));
  const found = db
    .select({ seq: members.seq, member: memberColumns })
    .from(members)
    .where(
      or(
        eq(members.emailKey, key),
        inArray(members.seq, hadAddress),
        // A member with another address is left out, even if a delivery about that member contains
        // this address.
        and(isIn(members.userId, userIdsInDeliveries), isNull(members.emailKey)),
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
  const personInvitations = db
    .select(invitationColumns)
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
    .all();
  const seqs = found.map((one) => one.seq);
  const former = db
    .select({ email: memberAddresses.emailKey })
    .from(memberAddresses)
    .where(inArray(memberAddresses.member, seqs))
    .all();
  const rows = [{ email }, ...found.map((one) => one.member), ...personInvitations, ...former];
  const known = rows.flatMap((row) => row.email ?? []);
  const emails = known.filter((one) => !one.startsWith(erasedAddress)).flatMap(formsOf);
  return {
    members: found.map((one) => one.member),
    invitations: personInvitations,
    emails: [...new Set(emails)],
    userIdsInDeliveries,
    usersNotFollowed: userIdsInDeliveries.filter((userId) => !isMember(db, userId)),
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

// ── Erasing the tables ───────────────────────────────────────────────────────────────────────────

/**
 * Erases the texts about a person, inside the transaction of the caller. The tables `members` and
 * `member_addresses` are left out, because `commit` erases their texts. The rows stay, so that no count
 * changes.
 */
function eraseRows(db: Db, person: PersonRows, at: number): Omit<Erased, 'members'> {
  const userIds = person.members.map((one) => one.userId);
  const seqs = db
    .select({ seq: members.seq })
    .from(members)
    .where(isIn(members.userId, userIds))
    .all()
    .map((row) => row.seq);
  const named = person.invitations.filter((one) => !one.email?.startsWith(erasedAddress));
  for (const invitation of named) save(db, erasedInvitation(invitation, at));
  db.update(attempts).set({ reason: null }).where(inArray(attempts.member, seqs)).run();
  const isOfPerson = isIn(
    letters.invitationId,
    person.invitations.map((one) => one.id),
  );
  db.update(letters).set({ reason: null }).where(isOfPerson).run();
  return {
    invitations: named.length,
    deliveries: eraseBodies(db, userIds) + eraseBodiesNaming(db, person),
    timelineEntries: eraseEntries(
      db,
      seqs,
      person.invitations.map((one) => one.id),
    ),
    mentions: person.emails.reduce((sum, email) => sum + eraseMentions(db, email), 0),
  };
}

/**
 * Erases further bodies that contain one of the addresses: the bodies of unreadable deliveries, and the
 * bodies of deliveries about the users in `userIdsInDeliveries`.
 */
function eraseBodiesNaming(db: Db, { emails, userIdsInDeliveries }: PersonRows): number {
  const isSuspect = or(
    sql`${deliveries.answer} = 'unreadable'`,
    userIdsInDeliveries.length === 0 ? undefined : isAbout(db, userIdsInDeliveries),
  );
  const rows = db
    .select({ id: deliveries.id, body: deliveries.body })
    .from(deliveries)
    .where(and(isSuspect, or(...emails.map(mayName))))
    .all();
  const ids = rows
    .filter(({ body }) => emails.some((email) => bodyNames(body, email)))
    .map((row) => row.id);
  return ids.length === 0 ? 0 : emptyBodies(db, inArray(deliveries.id, ids));
}

function eraseEntries(db: Db, seqs: readonly number[], invitationIds: readonly string[]): number {
  const rows = db
    .select({ id: timeline.id, params: timeline.params })
    .from(timeline)
    .where(
      and(
        or(inArray(timeline.member, [...seqs]), inArray(timeline.invitationId, [...invitationIds])),
        sql`${timeline.params} ->> '$.reason.code' IS NOT NULL`,
      ),
    )
    .all();
  let count = 0;
  for (const { id, params } of rows) {
    // The query selects only entries with a reason.
    const reason = params?.reason as MemberReason;
    const erased = erasedReason(reason);
    if (erased === reason) continue;
    db.update(timeline)
      .set({ params: { ...params, reason: erased } })
      .where(eq(timeline.id, id))
      .run();
    count += 1;
  }
  return count;
}

/**
 * Erases the address in the notes of other invitations, in the stored answers to requests with an
 * idempotency key, and in the rows of runs.
 */
function eraseMentions(db: Db, email: string): number {
  let count = 0;
  const notes = db
    .select({ seq: invitations.seq, email: invitations.email, note: invitations.note })
    .from(invitations)
    .where(
      and(
        isNotNull(invitations.note),
        sql`instr(${invitations.searchText}, ${foldForSearch(email)}) > 0`,
      ),
    )
    .all();
  for (const row of notes) {
    const note = withoutMentions(row.note ?? '', email);
    if (note === row.note) continue;
    db.update(invitations)
      .set({ note, searchText: invitationSearchText({ ...row, note }) })
      .where(eq(invitations.seq, row.seq))
      .run();
    count += 1;
  }
  const answers = db
    .select({ key: idempotencyKeys.key, body: idempotencyKeys.body })
    .from(idempotencyKeys)
    .where(sql`instr(lower(${idempotencyKeys.body}), ${plainPartOf(email)}) > 0`)
    .all();
  for (const row of answers) {
    const body = withoutMentions(row.body ?? '', email);
    if (body === row.body) continue;
    db.update(idempotencyKeys).set({ body }).where(eq(idempotencyKeys.key, row.key)).run();
    count += 1;
  }
  return count + eraseInRuns(db, email);
}

// ── Overwriting the files ────────────────────────────────────────────────────────────────────────

/**
 * How often a checkpoint is tried while another program reads the database. Other work runs between two
 * tries.
 */
const checkpointTries = 20;
const checkpointPauseMs = 250;
/** The longest local part of an address (RFC 5321, 4.5.3.1.1). */
const localPartLength = 64;

const readAt = promisify(read);

/**
 * Overwrites in the file what an earlier process erased only from the tables. This runs before the
 * database is used. The erased texts are no longer known, so the whole file is written again.
 * @param onTrouble called if that is not possible now: the disk is full, or another program reads the
 *   file. The service starts nevertheless, and housekeeping tries again
 */
export function finishOverwriting(db: Db, onTrouble: (detail: string) => void): void {
  if (prepareGetValue(db)('overwrite_owed') === null) return;
  const file = db.$client.name;
  const report = (why: string) =>
    onTrouble(
      `erased data could not be overwritten in the database file, which is tried again every ten minutes: ${why}`,
    );
  try {
    db.$client.exec('VACUUM');
    // If another program reads the file, SQLite returns 1 here and throws nothing.
    const isBlocked = db.$client.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) !== 0;
    if (isBlocked) report(`another program reads ${file}: end that program`);
    else deleteValue(db, 'overwrite_owed');
  } catch (error) {
    const fault = faultOf(error, file);
    if (fault === null) throw error;
    report(fault.message);
  }
}

/**
 * Removes erased texts from the bytes of the database files. Such texts can remain in the write-ahead
 * log and in pages that were split, because `secure_delete` clears only freed bytes. The whole file is
 * written again only if one of the texts is found in the files, or if the texts are not known.
 * @param texts the erased texts; null if they are not known
 * @returns false if old bytes may remain: another program reads the database, or the disk is full
 */
async function overwrite(db: Db, texts: readonly string[] | null): Promise<boolean> {
  if (!(await emptyLog(db))) return false;
  if (texts !== null && !(await isInFiles(db, texts))) return true;
  try {
    db.$client.exec('VACUUM');
  } catch (error) {
    if (faultOf(error, db.$client.name) === null) throw error;
    // The write-ahead log may have grown until the disk was full. If it is emptied, there is room again.
    await emptyLog(db);
    return false;
  }
  return emptyLog(db);
}

async function emptyLog({ $client }: Db): Promise<boolean> {
  const timeout = Number($client.pragma('busy_timeout', { simple: true }));
  for (let tries = 0; tries < checkpointTries; tries += 1) {
    // No busy timeout: SQLite would block this thread, and with it every webhook request.
    $client.pragma('busy_timeout = 0');
    try {
      if ($client.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) === 0) return true;
    } finally {
      $client.pragma(`busy_timeout = ${timeout}`);
    }
    await sleep(checkpointPauseMs);
  }
  return false;
}

/**
 * The descriptors by which database files are read. They stay open as long as the database, because
 * closing any descriptor of a file ends all locks of this process on that file. Another program would
 * then assume that it is the last user of the database, and delete the write-ahead log
 * (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */
const descriptors = new WeakMap<Db, number>();

function readingDescriptor(db: Db): number {
  const fd = descriptors.get(db) ?? openSync(db.$client.name, 'r');
  descriptors.set(db, fd);
  return fd;
}

/** Reads an open file. A stream would close the descriptor if its reader stopped early. */
async function* readFrom(fd: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(1024 * 1024);
  let position = 0;
  for (;;) {
    const { bytesRead } = await readAt(fd, buffer, 0, buffer.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Closes the descriptor of a database that is closed already. */
export function closeReading(db: Db): void {
  const fd = descriptors.get(db);
  if (fd !== undefined) closeSync(fd);
  descriptors.delete(db);
}

async function isInFiles(db: Db, texts: readonly string[]): Promise<boolean> {
  const file = db.$client.name;
  // The search compares texts that have one character for each byte. Their ASCII letters are in lower
  // case, so that the case of an address does not matter.
  const needles = texts.map((text) => asCharacters(Buffer.from(text, 'utf8')));
  const overlap = localPartLength + Math.max(0, ...needles.map((needle) => needle.length));
  for (const name of [file, `${file}-wal`]) {
    if (!existsSync(name)) continue;
    let before = '';
    const chunks = name === file ? readFrom(readingDescriptor(db)) : createReadStream(name);
    for await (const chunk of chunks) {
      const text = before + asCharacters(chunk);
      const from = before.length;
      if (needles.some((needle) => isErasedIn(db, text, needle, from - needle.length + 1)))
        return true;
      before = text.slice(-overlap);
    }
  }
  return false;
}

/**
 * Whether a text contains the needle, and the needle is not the end of an address that is still in use.
 * Without this check, the whole file would be written again each time an erased address is the end of
 * another address.
 * @param from where the search begins; the text before it is only context
 */
function isErasedIn(db: Db, text: string, needle: string, from: number): boolean {
  const explained = new Set<string>();
  for (
    let at = text.indexOf(needle, Math.max(0, from));
    at >= 0;
    at = text.indexOf(needle, at + 1)
  ) {
    const context = text.slice(Math.max(0, at - localPartLength), at);
    const localPart = /[^\0- "(),:;<>@[\\\]]*$/.exec(context)?.[0] ?? '';
    if (explained.has(localPart)) continue;
    if (!isPartOfAddress(db, localPart, needle)) return true;
    explained.add(localPart);
  }
  return false;
}

function isPartOfAddress(db: Db, localPart: string, needle: string): boolean {
  const addresses = Array.from({ length: localPart.length + 1 }, (_, at) =>
    emailKey(Buffer.from(localPart.slice(at) + needle, 'latin1').toString('utf8')),
  );
  const ofInvitation = db
    .select({ key: invitations.emailKey })
    .from(invitations)
    .where(inArray(invitations.emailKey, addresses));
  const ofMember = db
    .select({ key: members.emailKey })
    .from(members)
    .where(inArray(members.emailKey, addresses));
  const before = db
    .select({ key: memberAddresses.emailKey })
    .from(memberAddresses)
    .where(inArray(memberAddresses.emailKey, addresses));
  return [ofInvitation, ofMember, before].some((query) => query.get() !== undefined);
}

function asCharacters(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
