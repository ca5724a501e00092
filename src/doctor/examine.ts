import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { WelcomeSettings } from '../channels/ingredients.ts';
import type { SmtpServer } from '../channels/smtp-channel.ts';
import { createInquiry } from '../docspace/diagnostics.ts';
import { isPrivateAddress } from '../docspace/private-address.ts';
import type { StoreReads } from '../store/store.ts';
import { examineChannels } from './channel.ts';
import type { Finding } from './finding.ts';
import { examineKey } from './key.ts';
import { examinePortal } from './portal.ts';
import { examineWebhook } from './webhook.ts';

/** One question may take so long; none is repeated. */
const portalTimeoutMs = 10_000;

export type ExaminedSettings = WelcomeSettings & {
  readonly DOCSPACE_API_KEY: string;
  readonly PUBLIC_URL: string | null;
};

/** The portal, and the key if the portal answers: enough for `init`, and the beginning of `doctor`. */
export async function examinePortalAndKey(options: {
  readonly origin: string;
  readonly apiKey: string;
  readonly reads: StoreReads | null;
  readonly now: () => number;
}): Promise<{ readonly findings: readonly Finding[]; readonly isAsked: boolean }> {
  const { origin, apiKey, reads, now } = options;
  const inquiry = createInquiry({ origin, apiKey, timeoutMs: portalTimeoutMs, now });
  try {
    const knownTenantId = (await reads?.progress('portal_tenant_id')) ?? null;
    const portal = await examinePortal({ inquiry, origin, knownTenantId });
    if (!portal.self) return { findings: portal.findings, isAsked: false };
    const { self, account } = portal;
    const key = await examineKey({ inquiry, apiKey, self, account, reads, now: now() });
    return { findings: [...portal.findings, ...key], isAsked: account !== null };
  } finally {
    await inquiry.close();
  }
}

/**
 * Everything that is asked of others: portal, key, webhook, channels.
 * @param reads the log; null: there is none, or it cannot be read
 * @param webhookPath where this service takes deliveries
 */
export async function examine(options: {
  readonly settings: ExaminedSettings;
  readonly machineKey: string | null;
  readonly reads: StoreReads | null;
  readonly webhookPath: string;
  readonly checkSmtp: (server: SmtpServer) => Promise<string | null>;
  readonly now: () => number;
}): Promise<Finding[]> {
  const { settings, machineKey, reads, checkSmtp, now } = options;
  const { DOCSPACE_URL: origin, DOCSPACE_API_KEY: apiKey } = settings;
  const [first, refusals] = await Promise.all([
    examinePortalAndKey({ origin, apiKey, reads, now }),
    refusalsOfKey(reads),
  ]);
  const webhook = first.isAsked ? await askWebhook(options) : [];
  const channels = await examineChannels({ settings, machineKey, refusals, checkSmtp });
  return [...first.findings, ...webhook, ...channels];
}

async function askWebhook(options: Parameters<typeof examine>[0]): Promise<Finding[]> {
  const { settings, reads, webhookPath: path, now } = options;
  const { DOCSPACE_URL: origin, DOCSPACE_API_KEY: apiKey, PUBLIC_URL: publicUrl } = settings;
  const inquiry = createInquiry({ origin, apiKey, timeoutMs: portalTimeoutMs, now });
  try {
    return await examineWebhook({
      inquiry,
      uri: publicUrl === null ? null : `${publicUrl}${path}`,
      path,
      isPrivate: publicUrl !== null && (await leadsToPrivate(publicUrl)),
      remembered: idOf((await reads?.progress('webhook')) ?? null),
      now: now(),
    });
  } finally {
    await inquiry.close();
  }
}

function idOf(remembered: string | null): number | null {
  const json: unknown = remembered === null ? null : JSON.parse(remembered);
  const isOne = typeof json === 'object' && json !== null && 'id' in json;
  return isOne && typeof json.id === 'number' ? json.id : null;
}

/** As it looks from this machine; a name without an address is not judged. */
async function leadsToPrivate(publicUrl: string): Promise<boolean> {
  const host = new URL(publicUrl).hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0) return isPrivateAddress(host);
  const addresses = await lookup(host, { all: true }).catch(() => []);
  return addresses.some((one) => isPrivateAddress(one.address));
}

/** Refusals for the credentials since the last `sent` (see `onboarding/guard.ts`). */
async function refusalsOfKey(reads: StoreReads | null): Promise<number> {
  const text = await reads?.progress('refusals:docspace');
  const counted: unknown = text ? JSON.parse(text) : null;
  const isCounted = typeof counted === 'object' && counted !== null && 'count' in counted;
  if (!isCounted || !('streak' in counted) || counted.streak !== 'credentials') return 0;
  return Number(counted.count);
}
