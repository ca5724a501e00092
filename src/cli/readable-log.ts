import { z } from 'zod';
import { printable, style, type Terminal } from './terminal.ts';

const lineSchema = z.looseObject({
  level: z.string(),
  at: z.string(),
  message: z.string(),
  member: z.string().nullish(),
  invitation: z.string().nullish(),
  url: z.string().nullish(),
  err: z.string().nullish(),
});

/** Turns the service's JSON lines into lines for a person: time, what happened, to whom. */
export function readableLines(terminal: Terminal): (line: string) => void {
  return (line) => {
    const { level, at, message, member, invitation, url, err } = lineSchema.parse(JSON.parse(line));
    const whom = member ? `member ${member.slice(0, 8)}` : (invitation ?? url ?? '');
    const what = printable(err ? `${message} (${err})` : message);
    const coloured = style(colourOf(level, message), what);
    terminal.print(`${style('dim', at.slice(11, 23))}  ${coloured}  ${style('dim', whom)}`);
  };
}

function colourOf(level: string, message: string): 'red' | 'yellow' | 'green' | 'cyan' {
  if (level === 'error') return 'red';
  if (level === 'warn') return 'yellow';
  return message === 'welcomed' ? 'green' : 'cyan';
}
