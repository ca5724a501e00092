import { and, eq, ne } from 'drizzle-orm';
import type { Entry } from '../../domain/facts.ts';
import type { Invitation } from '../../domain/invitation.ts';
import { mayReissue, type ReissueVerb } from '../../domain/invitation-permissions.ts';
import { normaliseEmail } from '../../domain/vocabulary.ts';
import type { InvitationReissue, Reissued } from '../reissue.ts';
import { findInvitation } from './invitation-reads.ts';
import type { Db } from './open.ts';
import { derivedColumns, isOver } from './rows.ts';
import { invitations, timeline } from './schema.ts';
import type { Writer } from './writer.ts';

export function reissueWrites(db: Db, writer: Writer): InvitationReissue {
  return {
    revokeInvitation: ({ id, entry, at }) =>
      writer.write(() =>
        change(db, { id, entry, at, verb: 'revoke' }, (invitation) => ({
          ...invitation,
          link: null,
          revokedAt: at,
        })),
      ),
    mayResend: async (id, now) => judge(db, id, 'resend', now),
    renewInvitation: ({ id, link, userId, entry, at }) =>
      writer.write(() =>
        change(db, { id, entry, at, verb: 'resend' }, (invitation) => ({
          ...invitation,
          link,
          userId: userId ?? invitation.userId,
          issuedAt: at,
        })),
      ),
  };
}

/** The rule is asked in the same transaction: what happened meanwhile counts. */
function change(
  db: Db,
  asked: {
    readonly id: string;
    readonly verb: ReissueVerb;
    readonly entry: Entry;
    readonly at: number;
  },
  next: (invitation: Invitation) => Invitation,
): Reissued {
  const { id, verb, entry, at } = asked;
  const judged = judge(db, id, verb, at);
  if (judged.kind !== 'done') return judged;
  const invitation = next(judged.invitation);
  db.update(invitations)
    .set({
      ...invitation,
      ...derivedColumns(invitation),
      // Sent again, an expired one is the current one again: nobody took its place, see `judge`.
      current: invitation.email !== null && !isOver(invitation),
    })
    .where(eq(invitations.id, id))
    .run();
  db.insert(timeline)
    .values({ ...entry, invitationId: id, at })
    .run();
  return { kind: 'done', invitation };
}

function judge(db: Db, id: string, verb: ReissueVerb, now: number): Reissued {
  const invitation = findInvitation(db, id);
  if (!invitation) return { kind: 'missing' };
  const permission = mayReissue(invitation, verb, now);
  if (permission.kind === 'forbidden') {
    return { kind: 'forbidden', reason: permission.reason, invitationId: id };
  }
  const other = verb === 'resend' ? otherCurrent(db, invitation) : null;
  if (other === null) return { kind: 'done', invitation };
  const reason = `another invitation of this address took its place: ${other}`;
  return { kind: 'forbidden', reason, invitationId: other };
}

/** One current invitation per address: an expired one may have been followed by another. */
function otherCurrent(db: Db, invitation: Invitation): string | null {
  if (invitation.email === null) return null;
  const isOther = and(
    eq(invitations.emailKey, normaliseEmail(invitation.email)),
    eq(invitations.current, true),
    ne(invitations.id, invitation.id),
  );
  return db.select({ id: invitations.id }).from(invitations).where(isOther).get()?.id ?? null;
}
