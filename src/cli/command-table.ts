import type { Argument, Command, Option } from 'commander';

/** A verb, or the program itself (with an empty path), as completion and the man page show it. */
export type CommandRow = {
  /** For example `['webhook', 'register']`. */
  readonly path: readonly string[];
  readonly description: string;
  /** For example `invite [options] [emails...]`. */
  readonly usage: string;
  readonly options: readonly OptionRow[];
  readonly args: readonly ArgumentRow[];
  /** The names of the verbs below this one. */
  readonly verbs: readonly string[];
};

type OptionRow = {
  /** For example `--type <type>`. */
  readonly flags: string;
  readonly long: string;
  readonly short: string | null;
  readonly description: string;
  readonly value: ValueKind;
  readonly choices: readonly string[];
};

type ArgumentRow = {
  readonly name: string;
  readonly value: ValueKind;
  readonly choices: readonly string[];
};

type ValueKind = 'none' | 'file' | 'text';

/** Returns the program and its verbs, depth first, without verbs and options that the help hides. */
export function commandTable(command: Command, path: readonly string[] = []): CommandRow[] {
  const help = command.createHelp();
  const below = help.visibleCommands(command).filter((one) => one.name() !== 'help');
  const row: CommandRow = {
    path,
    description: command.description(),
    usage: [...path, command.usage()].join(' '),
    options: help.visibleOptions(command).map(optionRow),
    args: command.registeredArguments.map(argumentRow),
    verbs: below.map((one) => one.name()),
  };
  return [row, ...below.flatMap((one) => commandTable(one, [...path, one.name()]))];
}

function optionRow(option: Option): OptionRow {
  const { flags, description, argChoices = [] } = option;
  return {
    flags,
    long: option.long ?? flags,
    short: option.short ?? null,
    description,
    value: valueKind(/<(.*)>/.exec(flags)?.[1]),
    choices: argChoices,
  };
}

function argumentRow(argument: Argument): ArgumentRow {
  const name = argument.name();
  return { name, value: valueKind(name), choices: argument.argChoices ?? [] };
}

function valueKind(name: string | undefined): ValueKind {
  if (name === undefined) return 'none';
  return name === 'file' ? 'file' : 'text';
}
