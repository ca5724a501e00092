/** The settings of a `.env` file, or all its faults with their lines. */
export type EnvFileRead =
  | { readonly kind: 'ok'; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] };

const assignment = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/;

/**
 * Reads `NAME=value` lines. A value may have one of three kinds of quotes around it. A value that
 * programs would read in different ways is a fault, so no part is dropped silently. Faults never repeat
 * a value.
 */
export function readEnvText(text: string): EnvFileRead {
  const values: Record<string, string> = {};
  const faults: string[] = [];
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, written = ''] = assignment.exec(line) ?? [];
    if (name === undefined) {
      faults.push(`line ${index + 1} is not of the form NAME=value`);
      continue;
    }
    const read = readValue(written);
    if (typeof read === 'string') values[name] = read;
    else faults.push(`line ${index + 1}: ${name} ${read.fault}`);
  }
  return faults.length > 0 ? { kind: 'faulty', faults } : { kind: 'ok', values };
}

function readValue(written: string): string | { readonly fault: string } {
  const [quote = ''] = written;
  if (/["'`]/.test(quote)) {
    const end = written.indexOf(quote, 1);
    if (end < 0)
      return { fault: `begins with ${quote}, but that quote is not closed in this line` };
    if (!/^\s*(#.*)?$/.test(written.slice(end + 1))) {
      return { fault: `goes on after its closing ${quote}: use another kind of quotes` };
    }
    return written.slice(1, end);
  }
  // Some programs read the text from the # on as a comment, others as a part of the value.
  if (/\s#/.test(written) || written.startsWith('#')) {
    return {
      fault: 'has a # after a space: put the value in quotes, or the comment on its own line',
    };
  }
  return written;
}
