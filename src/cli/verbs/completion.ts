import type { Command } from 'commander';
import { type CommandRow, commandTable } from '../command-table.ts';
import type { Terminal } from '../terminal.ts';
import { type ExitCode, exitCodes } from '../verb.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

const scripts = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
} as const satisfies Record<Shell, (rows: readonly CommandRow[]) => string>;

/** `completion SHELL`: prints a script with which the shell completes verbs, options and values. */
export function completion(terminal: Terminal, program: Command, shell: Shell): ExitCode {
  terminal.print(scripts[shell](commandTable(program)).trimEnd());
  return exitCodes.done;
}

/** Returns the long spelling of an option, and the short spelling if it exists. */
function spellings({ long, short }: CommandRow['options'][number]): string[] {
  return short ? [long, short] : [long];
}

/** Returns the fixed words that may follow a verb: the verbs below it, its choices and its options. */
function wordsAfter({ verbs, options, args }: CommandRow): string[] {
  const choices = args.flatMap((argument) => argument.choices);
  return [...verbs, ...choices, ...options.map(({ long }) => long)];
}

function takesFile({ args }: CommandRow): boolean {
  return args.some(({ value }) => value === 'file');
}

function bashScript(rows: readonly CommandRow[]): string {
  const paths = rows.filter(({ path }) => path.length > 0).map(({ path }) => `/${path.join('/')}`);
  const key = ({ path }: CommandRow) => path.map((name) => `/${name}`).join('');
  const ofValue = rows.flatMap((row) =>
    row.options
      .filter(({ value }) => value !== 'none')
      .map((option) => {
        const pattern = spellings(option).map((spelling) => `"${key(row)} ${spelling}"`);
        const words = option.choices.join(' ');
        const then = option.value === 'file' ? 'files=1' : `words="${words}"`;
        return `    ${pattern.join(' | ')}) ${then}; value=1 ;;`;
      }),
  );
  const ofVerb = rows.map((row) => {
    const files = takesFile(row) ? '; files=1' : '';
    return `      "${key(row)}") words="${wordsAfter(row).join(' ')}"${files} ;;`;
  });
  const ofProgram = rows
    .filter(({ path }) => path.length === 0)
    .flatMap(({ options }) => options.filter(({ value }) => value !== 'none').flatMap(spellings));
  return `# bash completion of docspace-welcome
# source <(docspace-welcome completion bash)
_docspace_welcome() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  local path="" words="" files="" value="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path/\${COMP_WORDS[i]}" in
      ${ofProgram.map((spelling) => `/${spelling}`).join(' | ')}) i=$((i + 1)) ;;
      ${paths.join(' | ')}) path="$path/\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path $previous" in
${ofValue.join('\n')}
  esac
  if [ -z "$value" ]; then
    case "$path" in
${ofVerb.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ -n "$files" ]; then
    compopt -o filenames
    COMPREPLY+=($(compgen -f -- "$current"))
  fi
}
complete -F _docspace_welcome docspace-welcome
`;
}

function zshScript(rows: readonly CommandRow[]): string {
  const functions = rows.map((row) => {
    const options = row.options.flatMap((option) =>
      spellings(option).map((spelling) => {
        const value = zshValue(option);
        return `${zshQuoted(`${spelling}[${zshText(option.description)}]${value}`)}`;
      }),
    );
    const args = row.args.map((argument) => zshQuoted(`*${zshValue(argument)}`));
    const below = row.verbs.length > 0 ? ["'1: :->verb'", "'*:: :->rest'"] : [];
    const words = [...options, ...args, ...below].join(' \\\n    ');
    const name = zshFunction(row.path);
    if (row.verbs.length === 0) return `${name}() {\n  _arguments -s \\\n    ${words}\n}`;
    const described = row.verbs.map((verb) => {
      const { description = '' } =
        rows.find(({ path }) => path.join(' ') === [...row.path, verb].join(' ')) ?? {};
      return `        ${zshQuoted(`${verb}:${description}`)}`;
    });
    const calls = row.verbs.map(
      (verb) => `        ${verb}) ${zshFunction([...row.path, verb])} ;;`,
    );
    return `${name}() {
  local state line verbs
  _arguments -C -s \\
    ${words}
  case $state in
    verb)
      verbs=(
${described.join('\n')}
      )
      _describe verb verbs
      ;;
    rest)
      case $line[1] in
${calls.join('\n')}
      esac
      ;;
  esac
}`;
  });
  return `#compdef docspace-welcome
# zsh completion of docspace-welcome
# Save this output as a file with the name _docspace-welcome in a folder of $fpath.

${functions.join('\n\n')}

if [ "$funcstack[1]" = _docspace-welcome ]; then
  ${zshFunction([])} "$@"
else
  compdef ${zshFunction([])} docspace-welcome
fi
`;
}

function zshFunction(path: readonly string[]): string {
  return ['_docspace_welcome', ...path].join('_').replaceAll('-', '_');
}

function zshValue(given: {
  readonly value: CommandRow['args'][number]['value'];
  readonly choices: readonly string[];
}): string {
  if (given.value === 'none') return '';
  if (given.value === 'file') return ':file:_files';
  return given.choices.length > 0 ? `:value:(${given.choices.join(' ')})` : ':value: ';
}

function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}

/** Quotes a text for the shell. Between single quotes only the single quote itself is special. */
function zshQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishScript(rows: readonly CommandRow[]): string {
  const lines = rows.flatMap((row) => {
    const condition = fishCondition(row);
    const start = `complete -c docspace-welcome -n ${fishQuoted(condition)}`;
    const verbs = row.verbs.map((verb) => {
      const { description = '' } =
        rows.find(({ path }) => path.join(' ') === [...row.path, verb].join(' ')) ?? {};
      return `${start} -a ${verb} -d ${fishQuoted(description)}`;
    });
    const options = row.options.map((option) => {
      const { long, short, description, value, choices } = option;
      const names = `-l ${long.replace(/^--/, '')}${short ? ` -s ${short.replace(/^-/, '')}` : ''}`;
      const text = choices.length > 0 ? ` -x -a ${fishQuoted(choices.join(' '))}` : ' -x';
      const kind = { none: '', file: ' -r -F', text }[value];
      return `${start} ${names}${kind} -d ${fishQuoted(description)}`;
    });
    const args = row.args
      .filter(({ choices }) => choices.length > 0)
      .map(({ choices }) => `${start} -a ${fishQuoted(choices.join(' '))}`);
    const files = takesFile(row) ? [`${start} -F`] : [];
    return [...verbs, ...options, ...args, ...files];
  });
  return `# fish completion of docspace-welcome
# docspace-welcome completion fish > ~/.config/fish/completions/docspace-welcome.fish
complete -c docspace-welcome -f
${lines.join('\n')}
`;
}

function fishCondition({ path, verbs }: CommandRow): string {
  if (path.length === 0) return '__fish_use_subcommand';
  const inside = path.map((name) => `__fish_seen_subcommand_from ${name}`).join('; and ');
  return verbs.length > 0
    ? `${inside}; and not __fish_seen_subcommand_from ${verbs.join(' ')}`
    : inside;
}

function fishQuoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
