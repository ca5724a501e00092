import { randomBytes, randomInt } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from 'node:fs';
import { parseEnv } from 'node:util';

export type EnvLine = {
  readonly name: string;
  readonly value: string;
  /** The comment is written above the line. */
  readonly comment?: string;
};

/**
 * Returns the text of a `.env` file.
 * @throws if Node's parser would not read the same value that was written
 */
export function envText(lines: readonly EnvLine[]): string {
  return lines
    .map(({ name, value, comment }) => {
      const written = `${name}=${quoted(value)}\n`;
      if (parseEnv(written)[name] !== value) {
        throw new Error(`${name} cannot be written into a .env file. Use ${name}_FILE instead.`);
      }
      return comment === undefined ? written : `# ${comment}\n${written}`;
    })
    .join('');
}

/**
 * Puts a value in quotes if it needs them. Node's parser knows three kinds of quotes. Its only escape is
 * `\n` between double quotes.
 */
function quoted(value: string): string {
  if (/^[\w.:/@%+,?=&~-]+$/.test(value)) return value;
  const quote = ["'", '`', '"'].find((one) => !value.includes(one)) ?? '"';
  return `${quote}${value}${quote}`;
}

/**
 * Writes a file that only its owner can read. It has a temporary name until `keep` is called.
 * @throws if the file cannot be written
 */
export function draftFile(path: string, text: string) {
  const draft = `${path}.${process.pid}.draft`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return {
    path: draft,
    /** Gives the file its name. @throws EEXIST if `path` exists by now: `link` never replaces a file */
    keep: () => linkSync(draft, path),
    discard: () => rmSync(draft, { force: true }),
  };
}

/**
 * The characters of a webhook secret. The portal checks the secret as it checks a password: 8 to 30
 * printable characters, with the kinds of characters that the portal demands (docs/docspace-wire.md 7.1).
 * These special characters need no quotes in a `.env` or a shell.
 */
const characterKinds = [
  'ABCDEFGHJKLMNPQRSTUVWXYZ',
  'abcdefghijkmnopqrstuvwxyz',
  '23456789',
  '-_.+@:',
] as const;
const secretLength = 24;

/**
 * Returns a new webhook secret with every kind of character in it.
 * @param below returns a random whole number from 0 up to, but not including, its argument
 */
export function newWebhookSecret(below: (end: number) => number = randomInt): string {
  const one = (letters: string) => letters.charAt(below(letters.length));
  const letters: string[] = characterKinds.map(one);
  while (letters.length < secretLength) letters.push(one(characterKinds.join('')));
  // Fisher-Yates shuffle, so that nobody knows the kinds of the first four characters.
  for (let i = letters.length - 1; i > 0; i -= 1) {
    const j = below(i + 1);
    [letters[i], letters[j]] = [letters[j] ?? '', letters[i] ?? ''];
  }
  return letters.join('');
}

export function newAdminToken(): string {
  return randomBytes(24).toString('hex');
}
