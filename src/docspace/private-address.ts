import { BlockList, isIP } from 'node:net';

/** The addresses that a portal refuses by default (docs/docspace-wire.md 7.1). */
const refused = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  refused.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 128],
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  refused.addSubnet(network, prefix, 'ipv6');
}

/** Whether a portal refuses this IP address for a webhook. The portal's operator can allow it. */
export function isPrivateAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && refused.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
