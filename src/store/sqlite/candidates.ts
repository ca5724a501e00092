import { and, desc, eq, isNull, lte, ne, type SQL, sql } from 'drizzle-orm';
import { normaliseEmail } from '../../domain/vocabulary.ts';
import type { Store } from '../store.ts';
import { givenLimit } from './given-limit.ts';
import { prepareFindInvitation } from './invitation-reads.ts';
import type { Db } from './open.ts';
import { invitationOf } from './rows.ts';
import { invitations } from './schema.ts';

/** Invitations that are compared with one person: the newest that fits is wanted. */
const limit = 100;

/** @returns the verb `candidates`, its statements prepared once */
export function prepareCandidates(db: Db): Store['candidates'] {
  const { userId, emailKey, createdAt } = invitations;
  const find = prepareFindInvitation(db);
  const ofUser = prepareNewest(db, eq(userId, sql.placeholder('userId')));
  const ofEmail = prepareNewest(db, eq(emailKey, sql.placeholder('emailKey')));
  const isBefore = lte(createdAt, sql.placeholder('issuedUntil'));
  const ofLinks = prepareNewest(db, and(isNull(emailKey), isBefore));

  return async (person) => {
    const matched = person.invitationId === null ? null : find(person.invitationId);
    const issued = ofUser.all({ userId: person.userId, limit }).map(invitationOf);
    const byUser = matched ? [matched, ...issued] : issued;
    const key = normaliseEmail(person.email);
    const byEmail = key === '' ? [] : ofEmail.all({ emailKey: key, limit }).map(invitationOf);
    const { issuedUntil } = person;
    return { byUser, byEmail, openLinks: ofLinks.all({ issuedUntil, limit }).map(invitationOf) };
  };
}

function prepareNewest(db: Db, condition: SQL | undefined) {
  return db
    .select()
    .from(invitations)
    .where(and(condition, ne(invitations.stage, 'failed')))
    .orderBy(desc(invitations.createdAt), desc(invitations.seq))
    .limit(givenLimit())
    .prepare();
}
