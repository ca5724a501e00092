import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Asks a person at the terminal; null where there is none. */
export type Prompter = {
  /** @throws when the input ends (Ctrl-C, Ctrl-D) */
  readonly ask: (question: string, options?: { readonly hidden?: boolean }) => Promise<string>;
  readonly close: () => void;
};

export function terminalPrompter(): Prompter | null {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) return null;
  let isHidden = false;
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!isHidden) stdout.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: stdin, output, terminal: true });
  const ended = new Promise<never>((_resolve, reject) => {
    lines.once('close', () => reject(new Error('Stopped: nothing was written.')));
  });
  // Nobody need be asking at that moment.
  ended.catch(() => {});
  return {
    async ask(question, { hidden = false } = {}) {
      if (!hidden) return (await Promise.race([lines.question(question), ended])).trim();
      stdout.write(question);
      isHidden = true;
      try {
        return (await Promise.race([lines.question(''), ended])).trim();
      } finally {
        isHidden = false;
        stdout.write('\n');
      }
    },
    close: () => lines.close(),
  };
}
