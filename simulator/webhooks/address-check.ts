import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type AddressVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'blacklisted' }
  | { readonly kind: 'rejected'; readonly message: string };

// wire 7.1, the default webhooks:blacklist.
const BLACKLIST_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const;
const BLACKLIST_IPV6 = [
  ['::', 128],
  ['::1', 128],
  ['fc00::', 8],
  ['fd00::', 8],
  ['fe80::', 10],
] as const;
const DNS_DEADLINE_MS = 3_000;
const blacklist = makeBlacklist();

/**
 * The URL check at registration and at each delivery (wire 7.1, 7.3): absolute http or https, https
 * if `ssl`, a name that resolves within 3 s, and no private address unless those are allowed.
 */
export async function checkAddress(input: {
  readonly uri: string;
  readonly ssl: boolean;
  readonly allowPrivateAddresses: boolean;
}): Promise<AddressVerdict> {
  const { uri, ssl, allowPrivateAddresses } = input;
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return { kind: 'rejected', message: 'Webhook URL must be an absolute http or https URL' };
  }
  if (ssl && url.protocol !== 'https:') return { kind: 'rejected', message: 'HTTPS is required' };
  const addresses = await resolve(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  if (addresses.length === 0) {
    return { kind: 'rejected', message: 'Webhook URL host cannot be resolved' };
  }
  if (!allowPrivateAddresses && addresses.some(isBlacklisted)) return { kind: 'blacklisted' };
  return { kind: 'allowed' };
}

function isBlacklisted(address: string): boolean {
  return blacklist.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

async function resolve(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  const deadline = new AbortController();
  try {
    const found = lookup(host, { all: true }).then((all) => all.map((one) => one.address));
    const late = sleep(DNS_DEADLINE_MS, [], { signal: deadline.signal }).catch(() => []);
    return await Promise.race([found, late]);
  } catch {
    return [];
  } finally {
    deadline.abort();
  }
}

function makeBlacklist(): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of BLACKLIST_IPV4) list.addSubnet(address, prefix, 'ipv4');
  for (const [address, prefix] of BLACKLIST_IPV6) list.addSubnet(address, prefix, 'ipv6');
  return list;
}
