import { expect, test } from 'vitest';
import { barLine, createProgressDisplay } from '../../src/cli/verbs/import/progress.ts';

test('the bar shows the progress, the speed and the remaining time, and fits any terminal', () => {
  const course = { count: 2_500, total: 5_000, elapsedMs: 61_000 };
  expect(barLine(course, 80)).toBe(
    '[################----------------]  50 %  2500 of 5000, 41 a second, 1:01 left',
  );
  for (const columns of [20, 40, 80, 200]) {
    expect(barLine(course, columns).length).toBeLessThan(columns);
  }
});

test('without a terminal, each tenth is printed as a line', () => {
  const lines: string[] = [];
  const terminal = { print() {}, printError: (line: string) => lines.push(line), columns: 80 };
  const display = createProgressDisplay({ terminal, total: 1_000, now: () => 0 });
  for (let i = 0; i < 1_000; i += 1) display.advance();
  display.end();
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe('100 of 1000');
});
