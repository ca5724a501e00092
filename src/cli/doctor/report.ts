import { type Finding, type Subject, subjects } from '../../doctor/finding.ts';
import { printable, style, type Terminal } from '../terminal.ts';

const levelWidth = 9;
const indent = ' '.repeat(2 + levelWidth);
/** Longer lines are hard to read, however wide the window is. */
const widestText = 100;
/** However narrow the window is: below it every word has a line of its own. */
const narrowestText = 40;

const headings: Readonly<Record<Subject, string>> = {
  configuration: 'Configuration',
  store: 'Store',
  portal: 'Portal',
  key: 'API key',
  webhook: 'Webhook',
  channel: 'Channel',
  pauses: 'Pauses',
};
const colours = { ok: 'green', warning: 'yellow', wrong: 'red' } as const;

/** The findings for a person: subject by subject, what is amiss with what it means and what mends it. */
export function printFindings(terminal: Terminal, findings: readonly Finding[]): void {
  for (const subject of subjects) {
    const own = findings.filter((finding) => finding.subject === subject);
    if (own.length === 0) continue;
    terminal.print(style('bold', headings[subject]));
    for (const finding of own) printFinding(terminal, finding);
    terminal.print('');
  }
}

/** 2 wrong, 1 warning, 9 ok. */
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
  const room = Math.max(terminal.columns - indent.length, narrowestText);
  const width = Math.min(room, widestText);
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

/** Breaks between words; a word that is longer than a line (a path, an address) stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && [...line].length + 1 + [...word].length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
