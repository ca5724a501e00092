import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { lineOutput } from '../../src/cli/log-output.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from '../support/world.ts';

const lineBytes = 1_000;
const keptBytes = 300_000;

function lineOf(number: number): string {
  return `${String(number).padEnd(lineBytes - 1, '.')}\n`;
}

/** A pipe that nobody reads, as a blocked supervisor leaves it. */
async function stalledPipe() {
  const path = `${await temporaryFolder()}/pipe`;
  execFileSync('mkfifo', [path]);
  // Opened for reading and writing, because opening it for writing only would wait for a reader.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(fd));
  return {
    fd,
    read(): string {
      const chunk = Buffer.alloc(65_536);
      let text = '';
      for (;;) {
        try {
          text += chunk.toString('utf8', 0, readSync(fd, chunk));
        } catch (error) {
          if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return text;
          throw error;
        }
      }
    },
  };
}

test('while the reader of the log is blocked some lines are kept, and the number of lost lines is logged', async () => {
  const pipe = await stalledPipe();
  const losses: number[] = [];
  const output = lineOutput({
    fd: pipe.fd,
    keptBytes,
    onLost: (lines) => losses.push(lines),
    printError: (text) => expect.fail(text),
  });
  const written = 800;
  for (let number = 0; number < written; number += 1) output.write(lineOf(number));

  let text = '';
  await until('the buffered lines are read', () => {
    text += pipe.read();
    return losses.length > 0;
  });
  text += pipe.read();

  const numbers = text.split('\n').slice(0, -1).map(Number.parseFloat);
  const kept = numbers.length;
  expect(numbers).toEqual(Array.from({ length: kept }, (_, index) => index));
  expect(kept * lineBytes).toBeGreaterThanOrEqual(keptBytes);
  expect(kept).toBeLessThan(written);
  expect(losses).toEqual([written - kept]);

  output.write('one more\n');
  await until('the next line arrives', () => pipe.read() === 'one more\n');
});

test('lines that a full disk refuses are reported once, and nothing ends because of them', async () => {
  const fd = openSync('/dev/full', 'w');
  const complaints: string[] = [];
  const output = lineOutput({
    fd,
    keptBytes,
    onLost: (lines) => expect.fail(`${lines} lines`),
    printError: (text) => complaints.push(text),
  });
  output.write('one\n');
  await until('the loss is reported', () => complaints.length > 0);
  output.write('two\n');
  await new Promise((resolve) => setImmediate(resolve));
  expect(complaints).toEqual([
    expect.stringMatching(/^Log lines cannot be written: ENOSPC.*no space left/),
  ]);
});
