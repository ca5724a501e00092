import type { Read } from '../docspace/classify.ts';
import type { PortalClient } from '../docspace/client.ts';
import type { PortalUser } from '../docspace/schemas.ts';
import type { Store } from '../store/store.ts';

/** The account of the API key: invitations bear its id, and its record is the control read. */
export type Account = {
  /**
   * The key's account; asked once, with the control read, so that nothing is done at another portal
   * than the store's; then remembered while the process lives.
   */
  readonly id: () => Promise<Known<string>>;
  /**
   * `GET portal/users/` of the key's own account: whether the portal itself is well, and still the
   * portal that this store belongs to. A suspended portal answers 404 to everything (wire 1.2).
   */
  readonly control: () => Promise<Known<PortalUser>>;
  /** The tenant that this store belongs to, part of a signed Key (wire 6.2); asked once. */
  readonly tenantId: () => Promise<Known<number>>;
};
type Known<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'trouble'; readonly detail: string };

export function createAccount(client: PortalClient, store: Store): Account {
  let known: string | null = null;

  async function id(): Promise<Known<string>> {
    if (known !== null) return { kind: 'ok', value: known };
    const self = asKnown(await client.self());
    if (self.kind === 'trouble') return self;
    const own = await check(self.value.id);
    if (own.kind === 'trouble') return own;
    known = self.value.id;
    await store.remember('account_id', known);
    return { kind: 'ok', value: known };
  }

  async function control(): Promise<Known<PortalUser>> {
    const account = await id();
    return account.kind === 'trouble' ? account : check(account.value);
  }

  async function check(accountId: string): Promise<Known<PortalUser>> {
    const own = asKnown(await client.user(accountId));
    if (own.kind === 'trouble') return own;
    const tenantId = String(own.value.tenantId);
    const remembered = await store.progress('portal_tenant_id');
    if (remembered === null) await store.remember('portal_tenant_id', tenantId);
    if (remembered === null || remembered === tenantId) return own;
    return {
      kind: 'trouble',
      detail: `this database belongs to portal ${remembered}, DOCSPACE_URL now leads to portal ${tenantId}`,
    };
  }

  /** Remembered by the control read: on a fresh database that read comes first. */
  async function tenantId(): Promise<Known<number>> {
    const remembered = await store.progress('portal_tenant_id');
    if (remembered !== null) return { kind: 'ok', value: Number(remembered) };
    const own = await control();
    return own.kind === 'ok' ? { kind: 'ok', value: own.value.tenantId } : own;
  }

  return { id, control, tenantId };
}

function asKnown<T>(read: Read<T>): Known<T> {
  switch (read.kind) {
    case 'ok':
      return read;
    case 'missing':
      return { kind: 'trouble', detail: 'the portal answers 404: is it suspended?' };
    case 'hidden':
      return { kind: 'trouble', detail: 'the API key lacks a right: it needs *:read and *:write' };
    case 'trouble':
      return { kind: 'trouble', detail: read.detail };
    default:
      return read satisfies never;
  }
}
