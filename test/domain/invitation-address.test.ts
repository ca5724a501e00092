import { expect, test } from 'vitest';
import { isInvitable, registeredAddress } from '../../simulator/joining/addresses.ts';
import { addressUse } from '../../src/domain/invitation-address.ts';

test.each([
  ['anna@example.com', 'any_mode'],
  ['a&b@example.com', 'any_mode'],
  ['a/b@example.com', 'any_mode'],
  ['a=b@example.com', 'any_mode'],
  ['a#b@example.com', 'any_mode'],
  ['a!b@example.com', 'any_mode'],
  ['a%b@example.com', 'any_mode'],
  ["o'hara+guest?{}|~^_`@example.com", 'any_mode'],
  ['"quoted l"@example.com', 'any_mode'],
  ['x@[127.0.0.1]', 'any_mode'],
  ['ünïcode@example.com', 'link_only'],
  ['日本@example.com', 'link_only'],
  ['x@bücher.example', 'link_only'],
  ['x@xn--bcher-kva.example', 'link_only'],
  ['x@localhost', 'link_only'],
  ['l@b.c', 'link_only'],
  [`${'a'.repeat(64)}@example.com`, 'link_only'],
  ['-a@example.com', 'link_only'],
  ['a@-example.com', 'link_only'],
  ['a@under_score.example', 'link_only'],
  ['a..b@example.com', 'none'],
  ['Anna <a@b.c>', 'none'],
  ['two@signs@example.com', 'none'],
  ['a b@example.com', 'none'],
  ['nobody', 'none'],
  ['@example.com', 'none'],
  ['a@', 'none'],
  ['a\r\nb@example.com', 'none'],
  [`${'a'.repeat(250)}@example.com`, 'none'],
] as const)('%s: %s', (email, expected) => {
  expect(addressUse(email)).toBe(expected);
  // An address that the service accepts must not be refused by the portal.
  if (expected === 'any_mode') expect(isInvitable(email)).toBe(true);
  if (expected !== 'none') expect(registeredAddress(email)).toBe(email);
});
