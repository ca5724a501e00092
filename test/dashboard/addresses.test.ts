import { describe, expect, test } from 'vitest';
import { addressesIn } from '../../src/dashboard/addresses.ts';

describe('addresses that are pasted to invite people', () => {
  test.each([
    ['nothing', '  \n ', []],
    ['one address', 'anna@example.com', ['anna@example.com']],
    [
      'a column of a spreadsheet',
      'a@example.com\r\nb@example.com\r\n',
      ['a@example.com', 'b@example.com'],
    ],
    [
      'commas, semicolons and spaces',
      'a@x.example, b@x.example;c@x.example d@x.example',
      ['a@x.example', 'b@x.example', 'c@x.example', 'd@x.example'],
    ],
    [
      'the recipients of a mail',
      '"Stone, Anna" <anna@example.com>; Bob O’Neil <bob@example.com>',
      ['anna@example.com', 'bob@example.com'],
    ],
    [
      'recipients with commas between',
      'Anna <anna@example.com>, bob@example.com, Zoë <zoe@example.com>',
      ['anna@example.com', 'bob@example.com', 'zoe@example.com'],
    ],
    [
      'a mistake, which stays to be seen',
      'anna@example.com, bob at example.com',
      ['anna@example.com', 'bob', 'at', 'example.com'],
    ],
  ])('%s', (_what, text, addresses) => {
    expect(addressesIn(text)).toEqual(addresses);
  });
});
