import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { z } from 'zod';
import type { SmtpServer, WelcomeSettings } from '../channels/deps.ts';
import { createDiagnostics } from '../docspace/diagnostics.ts';
import { isPrivateAddress } from '../docspace/private-address.ts';
import type { MailReason } from '../domain/reason.ts';
import type { StoreReads } from '../store/store.ts';
import { examineChannels } from './channel.ts';
import type { Finding } from './finding.ts';
import { examineKey } from './key.ts';
import { examinePortal } from './portal.ts';
import { examineWebhook, redirectOf } from './webhook.ts';

/** How long the portal may be silent during one request. No request is repeated. */
const portalTimeoutMs = 10_000;

export type ExaminedSettings = WelcomeSettings & {
  readonly channelChoice: 'set' | 'mail_is_set_up' | 'mail_is_not_set_up';
  readonly DOCSPACE_API_KEY: string;
  readonly PUBLIC_URL: string | null;
};

/** Checks the portal. Also checks the key, unless the portal itself has a problem. */
export async function examinePortalAndKey(options: {
  readonly origin: string;
  readonly apiKey: string;
  readonly reads: StoreReads | null;
  readonly now: () => number;
}): Promise<{ readonly findings: readonly Finding[]; readonly accountId: string | null }> {
  const { origin, apiKey, reads, now } = options;
  const diagnostics = createDiagnostics({ origin, apiKey, timeoutMs: portalTimeoutMs, now });
  try {
    const knownTenantId = (await reads?.getValue('portal_tenant_id')) ?? null;
    const portal = await examinePortal({ diagnostics, origin, knownTenantId });
    if (!portal.self) return { findings: portal.findings, accountId: null };
    const { self, account } = portal;
    const key = await examineKey({ diagnostics, apiKey, self, account, reads, now: now() });
    return { findings: [...portal.findings, ...key], accountId: account?.id ?? null };
  } finally {
    await diagnostics.close();
  }
}

/**
 * Checks everything outside this machine: portal, key, webhook, channels.
 * @param reads null if there is no database or it cannot be read
 * @param webhookPath the path at which this service receives deliveries
 */
export async function examine(options: {
  readonly settings: ExaminedSettings;
  readonly machineKey: string | null;
  readonly reads: StoreReads | null;
  readonly webhookPath: string;
  readonly checkSmtp: (server: SmtpServer) => Promise<MailReason | null>;
  readonly now: () => number;
}): Promise<Finding[]> {
  const { settings, machineKey, reads, checkSmtp, now } = options;
  const { DOCSPACE_URL: origin, DOCSPACE_API_KEY: apiKey } = settings;
  const [first, refusals] = await Promise.all([
    examinePortalAndKey({ origin, apiKey, reads, now }),
    refusalsOfKey(reads),
  ]);
  const webhook = first.accountId === null ? [] : await askWebhook(options, first.accountId);
  const channels = await examineChannels({ settings, machineKey, refusals, checkSmtp });
  return [...first.findings, ...webhook, ...channels];
}

async function askWebhook(
  options: Parameters<typeof examine>[0],
  accountId: string,
): Promise<Finding[]> {
  const { settings, reads, webhookPath: path, now } = options;
  const { DOCSPACE_URL: origin, DOCSPACE_API_KEY: apiKey, PUBLIC_URL: publicUrl } = settings;
  const diagnostics = createDiagnostics({ origin, apiKey, timeoutMs: portalTimeoutMs, now });
  const uri = publicUrl === null ? null : `${publicUrl}${path}`;
  try {
    return await examineWebhook({
      diagnostics,
      uri,
      path,
      isPrivate: publicUrl !== null && (await isPrivateUrl(publicUrl)),
      redirect: uri === null ? null : await redirectOf(uri),
      storedId: idOf((await reads?.getValue('webhook')) ?? null),
      accountId,
      now: now(),
    });
  } finally {
    await diagnostics.close();
  }
}

function idOf(stored: string | null): number | null {
  return z.object({ id: z.number() }).safeParse(JSON.parse(stored ?? 'null')).data?.id ?? null;
}

/** Whether the host resolves to a private address here. A name without an address counts as public. */
async function isPrivateUrl(publicUrl: string): Promise<boolean> {
  const host = new URL(publicUrl).hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0) return isPrivateAddress(host);
  const addresses = await lookup(host, { all: true }).catch(() => []);
  return addresses.some((one) => isPrivateAddress(one.address));
}

const refusalsSchema = z.object({ count: z.number(), userIds: z.array(z.string()) });

/**
 * Returns how many refusals in a row the docspace channel has counted (`src/domain/circuit-breaker.ts`).
 * Returns 0 if the newest refusal was not about the Key.
 */
async function refusalsOfKey(reads: StoreReads | null): Promise<number> {
  const text = await reads?.getValue('refusals:docspace');
  const stored = refusalsSchema.safeParse(text ? JSON.parse(text) : null);
  const userId = stored.data?.userIds.at(-1);
  if (!stored.success || userId === undefined) return 0;
  const story = (await reads?.memberStory(userId)) ?? null;
  const refused = story?.attempts.findLast((attempt) => attempt.outcome === 'refused');
  return refused?.reason?.code === 'portal_rejects_key' ? stored.data.count : 0;
}
