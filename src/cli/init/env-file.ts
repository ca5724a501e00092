import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from 'node:fs';
import { parseEnv } from 'node:util';

export type EnvLine = {
  readonly name: string;
  readonly value: string;
  /** Said above it. */
  readonly comment?: string;
};

/**
 * The text of a `.env`.
 * @throws when a value cannot be written so that it is read back as it is
 */
export function envText(lines: readonly EnvLine[]): string {
  const text = lines
    .map(({ name, value, comment }) => {
      const written = `${name}=${quoted(value)}\n`;
      if (parseEnv(written)[name] !== value) {
        throw new Error(`${name} cannot be written into a .env file: use ${name}_FILE instead`);
      }
      return comment === undefined ? written : `# ${comment}\n${written}`;
    })
    .join('');
  return text;
}

/** Node's parser knows three quotes and no escapes but `\n` between double ones. */
function quoted(value: string): string {
  if (/^[\w.:/@%+,?=&~-]+$/.test(value)) return value;
  const quote = ["'", '`', '"'].find((one) => !value.includes(one)) ?? '"';
  return `${quote}${value}${quote}`;
}

/**
 * A file readable by its owner only, under a name of its own until it is kept.
 * @throws when it cannot be written
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
    /** @throws EEXIST when the name was taken meanwhile: a link never replaces */
    keep: () => linkSync(draft, path),
    discard: () => rmSync(draft, { force: true }),
  };
}
