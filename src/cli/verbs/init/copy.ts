import { commandName } from '../../program.ts';

/** Explains the channels (docs/channels.md, docs/docspace-wire.md 6 and 13.6). */
export const aboutChannels = [
  '',
  '  smtp           Your own mail, in four languages, through your mail server.',
  '  docspace       The portal writes the letter (POST sendcongratulations).',
  '                 It is the letter for the ADMINISTRATOR of a new portal: on every',
  '                 release it tells an invited guest that they have just created a',
  '                 DocSpace, and asks to confirm the e-mail address once more.',
  '                 Nothing in it can be changed. On the cloud it has a "change',
  '                 password" button. On a portal with the old setting',
  '                 core.tfa.registration = sms or code the first call TURNS ON',
  '                 TWO-FACTOR LOGIN for everybody.',
  '                 Its Key must be signed with the machine key of the portal; on the',
  '                 ONLYOFFICE cloud you cannot know that key, and the call is refused.',
  '                 A signed Key is a credential: while it is valid, access logs must',
  '                 not keep the query strings of requests. smtp needs no Key.',
  '  docspace,smtp  The portal’s letter; your own mail if the portal refuses.',
  '',
] as const;

/** Returns the lines with the commands to run after `.env` was written. */
export function nextCommands(given: {
  readonly path: string;
  readonly hasPublicUrl: boolean;
  readonly isMailing: boolean;
}): string[] {
  const { path, hasPublicUrl, isMailing } = given;
  const isDefault = /(^|\/)\.env$/.test(path);
  const cli = `${commandName()}${isDefault ? '' : ` --env-file ${path}`}`;
  const steps: (readonly [string, string])[] = [
    [`${cli} serve`, 'starts the service'],
    [`${cli} webhook register`, 'while it runs: creates the webhook in the portal'],
    [`${cli} doctor`, 'checks everything'],
    ...(isMailing ? [[`${cli} test-send you@example.com`, 'mails you a sample'] as const] : []),
    [`${cli} invite anna@example.com`, 'invites the first guest'],
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  return [
    hasPublicUrl
      ? 'Next:'
      : 'First set PUBLIC_URL in that file: where the portal reaches this service. Then:',
    ...steps.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`),
  ];
}
