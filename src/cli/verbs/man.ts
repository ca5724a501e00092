import type { Command } from 'commander';
import { version } from '../../project.ts';
import { type CommandRow, commandTable } from '../command-table.ts';
import type { Terminal } from '../terminal.ts';
import { type ExitCode, exitCodes } from '../verb.ts';

const meanings = {
  done: 'Done.',
  failed: 'Failed, or a check found something wrong.',
  wrongUsage: 'Wrong usage.',
  portalUnreachable:
    'The portal or the server of the database cannot be reached, or the portal asks for a long wait.',
  configuration: 'The configuration is missing or wrong.',
} as const satisfies Record<keyof typeof exitCodes, string>;

/** `man`: prints the man page. The build writes it into the package. */
export function man(terminal: Terminal, program: Command): ExitCode {
  terminal.print(manPage(commandTable(program)));
  return exitCodes.done;
}

function manPage(rows: readonly CommandRow[]): string {
  const own = rows.filter(({ path }) => path.length === 0);
  const verbs = rows.filter((row) => row.path.length > 0 && row.verbs.length === 0);
  // `meanings` has the same keys as `exitCodes`.
  const names = Object.keys(meanings) as (keyof typeof exitCodes)[];
  return [
    `.TH DOCSPACE\\-WELCOME 1 "" "docspace\\-welcome ${roff(version)}" "User Commands"`,
    '.SH NAME',
    'docspace\\-welcome \\- invites people to a DocSpace portal and welcomes each of them once',
    '.SH SYNOPSIS',
    '.B docspace\\-welcome',
    '[\\fIoptions\\fR] \\fIverb\\fR',
    '.SH DESCRIPTION',
    ...own.map(({ description }) => roff(description)),
    '.SH OPTIONS',
    ...own.flatMap(optionLines),
    '.SH VERBS',
    'Every verb has \\fB\\-\\-help\\fR.',
    ...verbs.flatMap((row) => [
      `.SS ${roff(row.usage)}`,
      roff(`${row.description}.`),
      ...optionLines({ options: row.options.filter(({ long }) => long !== '--help') }),
    ]),
    '.SH EXIT STATUS',
    ...names.flatMap((name) => ['.TP', `.B ${exitCodes[name]}`, roff(meanings[name])]),
    '.SH FILES',
    '.TP',
    '.I .env',
    'Settings, read from the working directory unless \\fB\\-\\-env\\-file\\fR names another file.',
    'A variable of the environment has priority over the file.',
  ].join('\n');
}

function optionLines({ options }: Pick<CommandRow, 'options'>): string[] {
  return options.flatMap(({ flags, description, choices }) => {
    const values = choices.length > 0 ? ` (${choices.join(', ')})` : '';
    return ['.TP', `.B ${roff(flags)}`, roff(`${description}${values}`)];
  });
}

/** Escapes a text for roff. In roff, a line that begins with a dot or an apostrophe is a command. */
function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/, '\\&$&');
}
