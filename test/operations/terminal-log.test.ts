import { expect, test } from 'vitest';
import { readableLines } from '../../src/cli/log-output.ts';
import { createLog } from '../../src/log.ts';

test("on a terminal a line shows the time, the event and the ids, and a stranger's text in it has no effect on the terminal", () => {
  const lines: string[] = [];
  const terminal = { print: (text: string) => lines.push(text), printError: () => {}, columns: 80 };
  const log = createLog({ level: 'info', write: readableLines(terminal) });
  log.info({ url: 'http://127.0.0.1:8080' }, 'the service is ready');
  log.info({ member: '7b3c1d52-8e1f-4f55-9d0b-3a5a2f9e6c01', state: 'welcomed' }, 'welcomed');
  log.error({ err: new Error('the disk is full\u001b[2J') }, 'a delivery could not be kept');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(
    /^\S*\d\d:\d\d:\d\d\.\d{3}.*the service is ready.*http:\/\/127\.0\.0\.1:8080/,
  );
  expect(lines[1]).toMatch(/welcomed.*member 7b3c1d52/);
  expect(lines[2]).toContain('the disk is full');
  expect(lines[2]).not.toContain('\u001b[2J');
});
