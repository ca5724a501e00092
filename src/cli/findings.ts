import { type Finding, type Subject, subjects } from '../doctor/finding.ts';
import { wrap } from './layout.ts';
import { printable, style, type Terminal } from './terminal.ts';

const levelWidth = 9;
const indent = ' '.repeat(2 + levelWidth);
/** Longer lines are hard to read, even in a wide window. */
const widestText = 100;
/** In a narrower column, a line would have only a few words. */
const narrowestText = 40;

const headings: Readonly<Record<Subject, string>> = {
  configuration: 'Configuration',
  store: 'Database',
  portal: 'Portal',
  key: 'API key',
  webhook: 'Webhook',
  channel: 'Channel',
  pauses: 'Pauses',
};
const colours = { ok: 'green', warning: 'yellow', wrong: 'red' } as const;

/** Prints the findings by subject. A problem is printed with its effect and its fix. */
export function printFindings(terminal: Terminal, findings: readonly Finding[]): void {
  for (const subject of subjects) {
    const own = findings.filter((finding) => finding.subject === subject);
    if (own.length === 0) continue;
    terminal.print(style('bold', headings[subject]));
    for (const finding of own) printFinding(terminal, finding);
    terminal.print('');
  }
}

/** Counts the findings by level, such as `2 wrong, 1 warning, 9 ok`. */
export function summary(findings: readonly Finding[]): string {
  const count = (level: Finding['level']) => findings.filter((one) => one.level === level).length;
  const [wrong, warnings, ok] = [count('wrong'), count('warning'), count('ok')];
  const parts = [
    wrong > 0 ? style('red', `${wrong} wrong`) : null,
    warnings > 0 ? style('yellow', `${warnings} warning${warnings === 1 ? '' : 's'}`) : null,
    style('green', `${ok} ok`),
  ];
  return parts.filter((part) => part !== null).join(', ');
}

function printFinding(terminal: Terminal, finding: Finding): void {
  const level = style(colours[finding.level], finding.level.padEnd(levelWidth));
  const available = Math.max(terminal.columns - indent.length, narrowestText);
  const width = Math.min(available, widestText);
  const [first = '', ...rest] = wrap(printable(finding.seen), width);
  terminal.print(`  ${level}${first}`);
  for (const line of rest) terminal.print(indent + line);
  if (finding.level === 'ok') return;
  for (const line of wrap(printable(finding.means), width)) {
    terminal.print(indent + style('dim', line));
  }
  wrap(printable(finding.mend), width - 2).forEach((line, i) => {
    terminal.print(`${indent}${i === 0 ? style('cyan', '→') : ' '} ${line}`);
  });
}
