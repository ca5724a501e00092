import { z } from 'zod';
import type { ReadResult } from '../docspace/classify.ts';
import type { PortalClient } from '../docspace/client.ts';
import type { PortalUser } from '../docspace/schemas.ts';
import type { PortalFault } from '../domain/reason.ts';
import type { Store } from '../store/store.ts';

/** The account of the API key. Its id is the `createdBy` of people who register with its links. */
export type Account = {
  /**
   * Returns the account's user id. The first call reads the id, and makes sure that the portal is the
   * one that this database belongs to. Further calls return the same id.
   */
  readonly id: () => Promise<Known<string>>;
  /**
   * The user ids of all accounts whose keys were used with this database. The current account is first.
   */
  readonly ids: () => Promise<Known<readonly string[]>>;
  /**
   * Reads the account's own record, `GET portal/users/{id}`. The result shows whether the portal works,
   * and whether it is still the one that this database belongs to. A suspended portal answers 404 to
   * everything (docs/docspace-wire.md 1.2), so this read distinguishes a fault of the portal from a
   * missing person.
   */
  readonly checkPortal: () => Promise<Known<PortalUser>>;
  /** The portal's own language, which is read together with the account. Null if it is not known. */
  readonly culture: () => string | null;
  /** The tenant id of the portal, which is part of a signed Key (docs/docspace-wire.md 6.2). */
  readonly tenantId: () => Promise<Known<number>>;
};
type Known<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'trouble'; readonly fault: PortalFault };

type AccountIds = readonly [string, ...string[]];
const accountIdsSchema = z.array(z.string());

export function createAccount(
  client: Pick<PortalClient, 'self' | 'user' | 'culture'>,
  store: Pick<Store, 'getValue' | 'setValue'>,
): Account {
  let known: AccountIds | null = null;
  let culture: string | null = null;
  let reading: Promise<Known<AccountIds>> | null = null;

  /** Calls that arrive at the same time share one read. */
  function ids(): Promise<Known<AccountIds>> {
    if (known !== null) return Promise.resolve({ kind: 'ok', value: known });
    reading ??= readIds().finally(() => {
      reading = null;
    });
    return reading;
  }

  async function readIds(): Promise<Known<AccountIds>> {
    const self = asKnown(await client.self());
    if (self.kind === 'trouble') return self;
    const own = await readOwn(self.value.id);
    if (own.kind === 'trouble') return own;
    const language = await client.culture();
    if (language.kind === 'ok') culture = language.value;
    const stored = await store.getValue('account_ids');
    const before = stored === null ? [] : accountIdsSchema.parse(JSON.parse(stored));
    known = [self.value.id, ...before.filter((id) => id !== self.value.id)];
    await store.setValue('account_ids', JSON.stringify(known));
    return { kind: 'ok', value: known };
  }

  async function id(): Promise<Known<string>> {
    const all = await ids();
    return all.kind === 'ok' ? { kind: 'ok', value: all.value[0] } : all;
  }

  async function checkPortal(): Promise<Known<PortalUser>> {
    const account = await id();
    return account.kind === 'trouble' ? account : readOwn(account.value);
  }

  async function readOwn(accountId: string): Promise<Known<PortalUser>> {
    const own = asKnown(await client.user(accountId));
    if (own.kind === 'trouble') return own;
    const actual = String(own.value.tenantId);
    const expected = await store.getValue('portal_tenant_id');
    if (expected === null) await store.setValue('portal_tenant_id', actual);
    if (expected === null || expected === actual) return own;
    return { kind: 'trouble', fault: { code: 'portal_is_another', expected, actual } };
  }

  async function tenantId(): Promise<Known<number>> {
    const stored = await store.getValue('portal_tenant_id');
    if (stored !== null) return { kind: 'ok', value: Number(stored) };
    const own = await checkPortal();
    return own.kind === 'ok' ? { kind: 'ok', value: own.value.tenantId } : own;
  }

  return { id, ids, checkPortal, culture: () => culture, tenantId };
}

function asKnown<T>(read: ReadResult<T>): Known<T> {
  switch (read.kind) {
    case 'ok':
      return read;
    case 'missing':
      return { kind: 'trouble', fault: { code: 'portal_not_found' } };
    case 'hidden':
      return { kind: 'trouble', fault: { code: 'portal_permission_missing' } };
    case 'trouble':
      return { kind: 'trouble', fault: read.fault };
    default:
      return read satisfies never;
  }
}
