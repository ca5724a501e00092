import { z } from 'zod';
import type { PortalClient } from '../docspace/client.ts';
import type { Invitation } from '../domain/invitation.ts';
import type { PortalFault } from '../domain/reason.ts';
import type { Store } from '../store/store.ts';

/** The result of accepting that the portal of this database has another address or tenant id. */
export type MoveResult =
  | {
      readonly kind: 'moved';
      readonly from: string | null;
      /** The outstanding invitations whose links do not work any more. */
      readonly deadLinks: readonly Invitation[];
    }
  /** This database was never used with a portal, so nothing proves to which portal it belongs. */
  | { readonly kind: 'never_asked' }
  /** At the new address, the API key belongs to an account that this database does not know. */
  | { readonly kind: 'other_account'; readonly accountId: string }
  | { readonly kind: 'trouble'; readonly fault: PortalFault };

const accountIdsSchema = z.array(z.string());
const pageSize = 200;

/**
 * Accepts another origin or tenant id for the portal of this database. The account of the API key
 * proves that the portal is the same: the account's id is a random guid that moves with the portal.
 * @param deps.client sends its requests to the new address
 * @param deps.origin the new origin
 */
export async function acceptMove(deps: {
  readonly client: Pick<PortalClient, 'self' | 'user'>;
  readonly store: Pick<Store, 'getValue' | 'setValue' | 'listInvitations'>;
  readonly origin: string;
  readonly now: number;
}): Promise<MoveResult> {
  const { client, store, origin, now } = deps;
  const stored = await store.getValue('account_ids');
  if (stored === null) return { kind: 'never_asked' };
  const self = await client.self();
  if (self.kind !== 'ok') return trouble(self);
  const accountId = self.value.id;
  if (!accountIdsSchema.parse(JSON.parse(stored)).includes(accountId)) {
    return { kind: 'other_account', accountId };
  }
  const own = await client.user(accountId);
  if (own.kind !== 'ok') return trouble(own);
  const tenantId = String(own.value.tenantId);
  const from = await store.getValue('portal_origin');
  // A link contains the host, and its key depends on the tenant id (docs/docspace-wire.md 13.6).
  const isSameHost = from !== null && new URL(from).host === new URL(origin).host;
  const isSameTenant = (await store.getValue('portal_tenant_id')) === tenantId;
  const deadLinks = isSameHost && isSameTenant ? [] : await outstandingLinks(store, now);
  // The origin is written last. Until then, a service with a new origin refuses to start, and the move
  // can be repeated.
  await store.setValue('portal_tenant_id', tenantId);
  await store.setValue('portal_origin', origin);
  return { kind: 'moved', from, deadLinks };
}

async function outstandingLinks(
  store: Pick<Store, 'listInvitations'>,
  now: number,
): Promise<readonly Invitation[]> {
  const found: Invitation[] = [];
  for (const status of ['issued', 'open'] as const) {
    for (let cursor: number | undefined; ; ) {
      const page = await store.listInvitations({ status }, { limit: pageSize, cursor }, now);
      found.push(...page.items);
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
  }
  return found;
}

function trouble(
  read: Exclude<Awaited<ReturnType<PortalClient['self']>>, { kind: 'ok' }>,
): MoveResult {
  if (read.kind === 'trouble') return { kind: 'trouble', fault: read.fault };
  const code = read.kind === 'hidden' ? 'portal_permission_missing' : 'portal_not_found';
  return { kind: 'trouble', fault: { code } };
}
