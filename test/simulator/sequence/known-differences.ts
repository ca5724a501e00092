/**
 * What the simulated portal still does otherwise than the recorded one, by run and entry, with the
 * reason. A difference that is not here fails the test, and so does an entry that is none any more.
 */
export const knownDifferences: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  1: {
    A19: 'A session that comes as a cookie has the number of its sign-in, and nobody signs in here.',
    A113: 'The pages of a portal are another program; the simulated portal shows its people there.',
    C97: 'The page behind an invitation link is another program as well; it is simulated.',
    L75: 'The path of a syntax error in JSON: our parser does not tell it.',
  },
  3: { G581: 'The system account is a person of its own in the database; here it only acts.' },
  6: {
    N40: 'The journal is read while deliveries go out: which have gone by then is a matter of time.',
  },
};
