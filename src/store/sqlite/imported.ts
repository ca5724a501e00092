import { and, desc, eq, isNull } from 'drizzle-orm';
import { type Invitation, invitationStatus } from '../../domain/invitation.ts';
import { normaliseEmail } from '../../domain/vocabulary.ts';
import type { NewInvitation } from '../store.ts';
import type { Db } from './open.ts';
import { invitationOf } from './rows.ts';
import { invitations } from './schema.ts';

/**
 * What the log has of a wish that bears an import key: the invitation that stands for it, or the one
 * that failed and may be asked for again under its id. Revoked or expired ones make room for a new one.
 * @param now UTC ms
 */
export function findImported(
  db: Db,
  wish: Pick<NewInvitation, 'importKey' | 'email'>,
  now: number,
): { readonly standing: Invitation | null; readonly failed: Invitation | null } {
  if (wish.importKey == null) return { standing: null, failed: null };
  const row = db
    .select()
    .from(invitations)
    .where(
      and(
        eq(invitations.importKey, wish.importKey),
        wish.email === null
          ? isNull(invitations.emailKey)
          : eq(invitations.emailKey, normaliseEmail(wish.email)),
      ),
    )
    .orderBy(desc(invitations.seq))
    .limit(1)
    .get();
  if (!row) return { standing: null, failed: null };
  const invitation = invitationOf(row);
  const status = invitationStatus(invitation, now);
  // `failed` is two things: the portal refused the invitation, or a welcome (the person came by it).
  const isRefused = invitation.stage === 'failed';
  const isOver = isRefused || status === 'revoked' || status === 'expired';
  return { standing: isOver ? null : invitation, failed: isRefused ? invitation : null };
}
