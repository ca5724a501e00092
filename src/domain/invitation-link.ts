import type { InvitationNotice } from './reason.ts';

/**
 * Warns if the invited person may be unable to open a link. The portal takes the host of the link
 * from the request that asked for it (docs/docspace-wire.md 3.1).
 * @param portalOrigin `DOCSPACE_URL`
 */
export function linkNoticeOf(
  link: string | null,
  portalOrigin: string,
): Extract<InvitationNotice, { host: string }> | null {
  if (link === null || !URL.canParse(link)) return null;
  const { host, hostname } = new URL(link);
  const expected = new URL(portalOrigin).host;
  if (host !== expected) return { code: 'link_host_differs', host, expected };
  return isPrivateHost(hostname) ? { code: 'link_host_private', host } : null;
}

/** Whether this address or name is known only inside one network, machine or container. */
function isPrivateHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  if (host.startsWith('[')) return /^\[(::1?|f[cd]..:.*|fe[89ab].:.*)\]$/.test(host);
  if (/^\d+(\.\d+){3}$/.test(host)) return privateIpv4.test(host);
  return !host.includes('.') || /\.(localhost|local|internal|lan|home\.arpa)$/.test(host);
}

const privateIpv4 =
  /^(0|10|127)\.|^192\.168\.|^169\.254\.|^172\.(1[6-9]|2\d|3[01])\.|^100\.(6[4-9]|[789]\d|1[01]\d|12[0-7])\./;
