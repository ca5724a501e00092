import { expect, test } from 'vitest';
import { linkNoticeOf } from '../../src/domain/invitation-link.ts';

const origin = 'https://portal.example.com';

test.each([
  ['https://portal.example.com/s/abc', origin, null],
  ['https://PORTAL.example.com/s/abc', origin, null],
  [null, origin, null],
  ['https://other.example.com/s/abc', origin, 'link_host_differs'],
  ['http://portal.example.com:8092/s/abc', origin, 'link_host_differs'],
  ['https://bit.ly/abc', origin, 'link_host_differs'],
  ['http://localhost/s/abc', 'http://localhost', 'link_host_private'],
  ['http://onlyoffice-router:8092/s/abc', 'http://onlyoffice-router:8092', 'link_host_private'],
  ['http://10.0.0.5/s/abc', 'http://10.0.0.5', 'link_host_private'],
  ['http://172.20.0.2/s/abc', 'http://172.20.0.2', 'link_host_private'],
  ['http://172.40.0.2/s/abc', 'http://172.40.0.2', null],
  ['http://192.168.1.9/s/abc', 'http://192.168.1.9', 'link_host_private'],
  ['http://127.0.0.1:80/s/abc', 'http://127.0.0.1', 'link_host_private'],
  ['http://[::1]/s/abc', 'http://[::1]', 'link_host_private'],
  ['http://[fd00::1]/s/abc', 'http://[fd00::1]', 'link_host_private'],
  ['http://[2001:db8::1]/s/abc', 'http://[2001:db8::1]', null],
  ['http://nas.local/s/abc', 'http://nas.local', 'link_host_private'],
  ['http://8.8.8.8/s/abc', 'http://8.8.8.8', null],
] as const)('the link %s at the portal %s: %s', (link, portalOrigin, expected) => {
  expect(linkNoticeOf(link, portalOrigin)?.code ?? null).toBe(expected);
});
