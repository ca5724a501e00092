/** What the letter of the `docspace` channel is: README, "What WELCOME_KEY really is"; wire 6. */
export const channelWords = [
  'How shall the welcome be sent?',
  '',
  '  docspace       POST sendcongratulations: the portal writes the letter.',
  '                 It is the one that greets the ADMINISTRATOR of a new portal; for',
  '                 members and guests it is the wrong text, and nothing in it can',
  '                 be changed. On the cloud it has a "change password" button.',
  '                 On a portal with the old setting core.tfa.registration = sms or',
  '                 code the first call TURNS ON TWO-FACTOR LOGIN for everybody.',
  '                 Its Key must be signed with the machine key of the portal: on',
  '                 the ONLYOFFICE cloud nobody outside can, and it is refused.',
  '  smtp           A mail of your own, in four languages, by your mail server.',
  '  docspace,smtp  The portal’s letter; yours for whom the portal refuses.',
  '',
] as const;

/** What to do after the `.env` is written, as commands. */
export function nextWords(given: {
  readonly path: string;
  readonly hasPublicUrl: boolean;
  readonly isMailing: boolean;
}): string[] {
  const { path, hasPublicUrl, isMailing } = given;
  const isDefault = /(^|\/)\.env$/.test(path);
  const cli = `npm run cli --${isDefault ? '' : ` --env-file ${path}`}`;
  const steps: (readonly [string, string])[] = [
    [isDefault ? 'npm start' : `${cli} serve`, 'starts the service'],
    [`${cli} webhook register`, 'while it runs: tells the portal of it'],
    [`${cli} doctor`, 'looks at everything'],
    ...(isMailing ? [[`${cli} test-send you@example.com`, 'mails you a sample'] as const] : []),
    [`${cli} invite anna@example.com`, 'invites the first guest'],
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  const address = 'First set PUBLIC_URL in it: where the portal reaches this service. Then:';
  return [
    hasPublicUrl ? 'Next:' : address,
    ...steps.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`),
  ];
}
