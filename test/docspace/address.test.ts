import { expect, test } from 'vitest';
import { isSameAddress } from '../../src/docspace/address.ts';

test.each([
  ['anna@example.com', 'Anna@Example.COM', true],
  ['rené@example.com', 'rene\u0301@example.com', true],
  ['x@bücher.example', 'x@xn--bcher-kva.example', true],
  ['x@BÜCHER.example', 'x@xn--BCHER-KVA.example', true],
  ['x@[127.0.0.1]', 'x@[127.0.0.1]', true],
  ['victim2@example.com', 'victim2@éxample.com', false],
  ['rene.k@example.com', 'rené.k@example.com', false],
  ['jurgen@example.com', 'jürgen@example.com', false],
  ['strasse@example.com', 'straße@example.com', false],
  ['anna@example.com', 'anna@example.org', false],
  ['x@[127.0.0.1]', 'x@[127.0.0.2]', false],
] as const)('%s and %s are one address: %s', (one, other, expected) => {
  expect(isSameAddress(one, other)).toBe(expected);
});
