import type { Clock } from '../clock.ts';
import { sleepUntil } from '../clock.ts';
import type { PortalClient } from '../docspace/client.ts';
import { employeeTypeOf } from '../docspace/schemas.ts';
import { eventTimeOf, type PortalWebhook } from '../docspace/webhooks.ts';
import type { PortalFault } from '../domain/reason.ts';
import type { EmployeeType } from '../domain/vocabulary.ts';

/**
 * All four events about users: 1 + 2 + 4 + 8. The value 0 means every event of the portal
 * (docs/docspace-wire.md 7.1).
 */
export const userTriggers = 15;

/**
 * After this time a series of retries is over: the pauses between retries add up to 31 s, and each
 * answer takes some time (docs/docspace-wire.md 7.3). When the series ends, the portal writes back the
 * whole webhook as it was when the series began.
 */
export const retrySeriesMs = 45_000;
/**
 * A delivery that has been "not sent" for longer than this is lost: the portal never sends it
 * (docs/docspace-wire.md 7.3).
 */
export const lostAfterMs = 2 * 60_000;

/** The fields that show who owns a webhook and where it leads. */
type Described = Pick<PortalWebhook, 'id' | 'uri' | 'enabled' | 'createdBy'>;

export type Recognised<W extends Described> = {
  readonly own: W | undefined;
  /** Webhooks of other accounts that have this service's address or the stored id. */
  readonly others: readonly W[];
};

/**
 * Finds this service's webhook. It accepts only a webhook that the account of the API key created,
 * because any user may create a webhook with any address (docs/docspace-wire.md 13.6).
 * @param known.address the address of this service; only its path if PUBLIC_URL is not set
 */
export function recogniseWebhook<W extends Described>(
  list: readonly W[],
  known: {
    readonly accountId: string;
    readonly address: string;
    readonly storedId: number | null;
  },
): Recognised<W> {
  const isStored = (webhook: W) => webhook.id === known.storedId;
  const isOwn = (webhook: W) => webhook.createdBy?.id === known.accountId;
  const here = list.filter((webhook) => leadsTo(webhook.uri, known.address));
  const mine = here.filter(isOwn);
  return {
    own:
      mine.find(isStored) ??
      mine.find((webhook) => webhook.enabled) ??
      mine[0] ??
      list.find((webhook) => isStored(webhook) && isOwn(webhook)),
    others: list.filter(
      (webhook) => !isOwn(webhook) && (here.includes(webhook) || isStored(webhook)),
    ),
  };
}

/**
 * Whether two addresses are the same. Repeated slashes and a slash at the end make no difference. If
 * `address` is only a path, only the end of `uri` is compared.
 */
export function leadsTo(uri: string, address: string): boolean {
  const plain = plainAddress(uri);
  return address.startsWith('/') ? plain.endsWith(address) : plain === plainAddress(address);
}

function plainAddress(uri: string): string {
  if (!URL.canParse(uri)) return uri;
  const url = new URL(uri);
  return `${url.origin}${url.pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '')}${url.search}`;
}

export type WebhookFault = 'missing' | 'moved' | 'disabled' | 'ssl' | 'triggers' | null;

/** Returns why a webhook cannot report users to this service. Null if it can. */
export function webhookFault(
  webhook: PortalWebhook | undefined,
  address: string | null,
): WebhookFault {
  if (!webhook) return 'missing';
  if (address !== null && !leadsTo(webhook.uri, address)) return 'moved';
  if (!webhook.enabled) return 'disabled';
  // With `ssl`, the first delivery to an http address disables the webhook (docs/docspace-wire.md 7.1).
  if (webhook.ssl && !webhook.uri.startsWith('https:')) return 'ssl';
  const isEvery = webhook.triggers === 0;
  const hasUsers = (webhook.triggers & userTriggers) === userTriggers;
  return isEvery || hasUsers ? null : 'triggers';
}

/**
 * Returns the whole webhook with the values that this service needs. The webhook must be whole,
 * because the portal sets each missing field to its default.
 */
export function correctedWebhook<W extends Pick<PortalWebhook, 'uri'>>(webhook: W, secret: string) {
  return {
    ...webhook,
    enabled: true,
    // True requires https and a valid certificate (docs/docspace-wire.md 7.3).
    ssl: webhook.uri.startsWith('https:'),
    triggers: userTriggers,
    secretKey: secret,
  };
}

/**
 * Whether the portal may be sending a delivery of this webhook right now. If so, the end of its
 * retries undoes a change (docs/docspace-wire.md 13.2, 22). If the journal cannot be read, the answer
 * is true.
 */
export async function isDelivering(
  client: Pick<PortalClient, 'undelivered' | 'portalNow'>,
  webhookId: number,
): Promise<boolean> {
  const read = await client.undelivered({ webhookId, startIndex: 0 });
  if (read.kind !== 'ok') return true;
  return read.value.some((row) => {
    if (row.status !== 0) return false;
    const at = eventTimeOf(row);
    return at !== null && client.portalNow() - at < lostAfterMs;
  });
}

/** The result of registering: the id of the webhook, or what went wrong. */
export type Registration =
  | {
      readonly kind: 'registered';
      readonly id: number;
      readonly isNew: boolean;
      /** Webhooks of other accounts with this service's address. They are never changed. */
      readonly others: readonly PortalWebhook[];
    }
  /** The portal saved the webhook, but with other values. */
  | { readonly kind: 'not_kept'; readonly id: number; readonly fault: WebhookFault }
  /** The portal did not save the webhook. */
  | { readonly kind: 'refused'; readonly fault: PortalFault }
  /** Only the webhook of a DocSpace admin reports everybody (docs/docspace-wire.md 7.2). */
  | { readonly kind: 'role_too_low'; readonly role: EmployeeType | null }
  /** The key may not read the webhooks. */
  | { readonly kind: 'not_allowed' }
  /** The portal gave no usable answer. */
  | { readonly kind: 'trouble'; readonly fault: PortalFault };

type RegisterDeps = {
  readonly client: Pick<
    PortalClient,
    'self' | 'webhooks' | 'createWebhook' | 'updateWebhook' | 'undelivered' | 'portalNow'
  >;
  readonly uri: string;
  readonly secret: string;
  readonly clock: Clock;
  /** Called before a wait for the portal's retries. `ms`: the length of the wait. */
  readonly onWaiting: (ms: number) => void;
};

/** The most series of retries that are waited for, one after the other. */
const mostWaits = 3;

/**
 * Creates this service's webhook at the portal, or corrects the one with this address. Running it
 * again is safe. It reads back what the portal saved, because `POST` ignores `ssl` and `enabled`. If
 * retries were in progress, it writes again after their end, because that end undoes the change
 * (docs/docspace-wire.md 7.1, 7.3). The caller stores the id.
 * @param deps.uri where the portal reaches `/webhooks/docspace`; it must already answer the portal's
 *   HEAD request
 */
export async function registerWebhook(deps: RegisterDeps): Promise<Registration> {
  const { client, uri, secret } = deps;
  const self = await client.self();
  if (self.kind === 'trouble') return self;
  if (self.kind !== 'ok') return { kind: 'not_allowed' };
  if (!self.value.isAdmin && !self.value.isOwner) {
    return { kind: 'role_too_low', role: employeeTypeOf(self.value) };
  }
  const list = await client.webhooks();
  if (list.kind === 'trouble') return list;
  if (list.kind !== 'ok') return { kind: 'not_allowed' };
  const known = { accountId: self.value.id, address: uri, storedId: null };
  const { own, others } = recogniseWebhook(list.value, known);
  const wanted = correctedWebhook({ uri, name: freeName(list.value, uri) }, secret);
  const made = own ? await correct(deps, { ...own, uri }) : await client.createWebhook(wanted);
  if (made.kind !== 'ok') return made;
  const id = own?.id ?? made.value?.id;
  if (id === undefined) return { kind: 'refused', fault: { code: 'portal_answer_unreadable' } };
  const kept = await settle(deps, id);
  if (kept !== null) return kept;
  return { kind: 'registered', id, isNew: own === undefined, others };
}

async function correct({ client, secret, clock, onWaiting }: RegisterDeps, own: PortalWebhook) {
  const wanted = correctedWebhook(own, secret);
  for (let waits = 0; ; waits += 1) {
    const isUndone = await isDelivering(client, own.id);
    const update = await client.updateWebhook(wanted);
    if (update.kind !== 'ok' || !isUndone || waits === mostWaits) return update;
    onWaiting(retrySeriesMs);
    await sleepUntil(clock, clock.now() + retrySeriesMs);
  }
}

/**
 * Reads back the saved webhook, and corrects it once if it is wrong.
 * @returns null if it is right
 */
async function settle(
  { client, uri, secret }: RegisterDeps,
  id: number,
): Promise<Exclude<Registration, { kind: 'registered' }> | null> {
  for (let isCorrected = false; ; isCorrected = true) {
    const list = await client.webhooks();
    if (list.kind === 'trouble') return list;
    if (list.kind !== 'ok') return { kind: 'not_allowed' };
    const webhook = list.value.find((one) => one.id === id);
    const fault = webhookFault(webhook, uri);
    if (fault === null) return null;
    if (!webhook || isCorrected) return { kind: 'not_kept', id, fault };
    const update = await client.updateWebhook(correctedWebhook({ ...webhook, uri }, secret));
    if (update.kind !== 'ok') return update;
  }
}

/**
 * Returns a name that no webhook with this address has: the portal refuses a second webhook with the
 * same name and address (docs/docspace-wire.md 13.2, 27).
 */
function freeName(list: readonly PortalWebhook[], uri: string): string {
  const taken = new Set(list.filter((one) => one.uri === uri).map((one) => one.name));
  const base = 'docspace-welcome';
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? base : `${base} ${n}`;
    if (!taken.has(name)) return name;
  }
}
