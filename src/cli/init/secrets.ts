import { randomBytes, randomInt } from 'node:crypto';

/**
 * A portal checks the webhook's secret as a password: 8 to 30 printable characters, and whichever of
 * these kinds it demands (wire 7.1). The special ones need no quotes in a `.env` or a shell.
 */
const kinds = [
  'ABCDEFGHJKLMNPQRSTUVWXYZ',
  'abcdefghijkmnopqrstuvwxyz',
  '23456789',
  '-_.+@:',
] as const;
const secretLength = 24;

/**
 * A new webhook secret with every kind of character in it.
 * @param below a whole number from 0 to below its argument, each as likely
 */
export function newWebhookSecret(below: (end: number) => number = randomInt): string {
  const one = (letters: string) => letters.charAt(below(letters.length));
  const letters: string[] = kinds.map(one);
  while (letters.length < secretLength) letters.push(one(kinds.join('')));
  // Fisher-Yates: the first four must not betray their kind.
  for (let i = letters.length - 1; i > 0; i -= 1) {
    const j = below(i + 1);
    [letters[i], letters[j]] = [letters[j] ?? '', letters[i] ?? ''];
  }
  return letters.join('');
}

export function newAdminToken(): string {
  return randomBytes(24).toString('hex');
}
