import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../world.ts';

export type AddressVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'blacklisted'; readonly message: string }
  | { readonly kind: 'rejected'; readonly message: string };

/** The default of `webhooks:blacklist` (docs/docspace-wire.md 7.1). */
export const DEFAULT_BLACKLIST = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::/128',
  '::1/128',
  'fc00::/8',
  'fd00::/8',
  'fe80::/10',
];
const DNS_DEADLINE_MS = 3_000;

/**
 * Checks an address at registration and at each delivery (docs/docspace-wire.md 7.1, 7.3). The address
 * must be absolute with http or https, and with `ssl` only https. Its name must resolve within 3 s, and
 * no resolved address may be on the blacklist. Older releases check only the scheme and literal IP
 * addresses (docs/docspace-wire.md 13.7).
 */
export async function checkAddress(input: {
  readonly world: Pick<World, 'blacklist' | 'release'>;
  readonly uri: string;
  readonly ssl: boolean;
}): Promise<AddressVerdict> {
  const { uri, ssl, world } = input;
  const { blacklist, release } = world;
  // .NET reads a text that begins with a slash as the path of a file.
  const scheme = /^\s*\//.test(uri) ? 'file' : /^\s*([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1];
  if (scheme === undefined) return rejected('Invalid URL format');
  if (!/^https?$/i.test(scheme)) {
    return rejected(`Invalid URL scheme: ${scheme}. Only http and https are allowed`);
  }
  if (!URL.canParse(uri.trim())) return rejected('Invalid URL format');
  const url = new URL(uri.trim());
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (!release.checksAddresses) {
    const isForbidden = isIP(host) !== 0 && isOnList(blacklist, host);
    return isForbidden
      ? rejected('Value does not fall within the expected range.')
      : { kind: 'allowed' };
  }
  if (ssl && url.protocol !== 'https:') return rejected('HTTPS is required');
  const addresses = await resolve(host);
  if (addresses.length === 0) return rejected(`DNS resolution failed for ${host}`);
  const isForbidden = addresses.some((address) => isOnList(blacklist, address));
  return isForbidden
    ? { kind: 'blacklisted', message: 'URL host is in the blacklist' }
    : { kind: 'allowed' };
}

function rejected(message: string): AddressVerdict {
  return { kind: 'rejected', message };
}

function isOnList(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
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

/** @param ranges such as `10.0.0.0/8` */
export function createBlacklist(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix = ''] = range.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
