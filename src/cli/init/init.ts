import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Environment, readConfig } from '../../config/read.ts';
import { type Config, type Setting, settings } from '../../config/settings.ts';
import type { Finding } from '../../doctor/finding.ts';
import { printFindings } from '../doctor/report.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { style, type Terminal } from '../terminal.ts';
import {
  type Answers,
  answerable,
  askPortal,
  askRest,
  givenAnswers,
  isInFile,
  missingAnswers,
} from './answers.ts';
import { checkBeforeWriting, checkPortal } from './check.ts';
import { draftFile, type EnvLine, envText } from './env-file.ts';
import type { Prompter } from './prompter.ts';
import { newAdminToken, newWebhookSecret } from './secrets.ts';
import { channelWords, nextWords } from './words.ts';

export type InitOptions = {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly flags: Answers;
  /** False: written without asking the portal and the mail server. */
  readonly checks: boolean;
  /** Null: nobody is there to be asked. */
  readonly prompter: Prompter | null;
  readonly environment: Environment;
  readonly workingFolder: string;
  readonly now: () => number;
};

/** Asks for what it needs, makes the secrets, checks, and writes a first `.env`: never over one. */
export async function init(options: InitOptions): Promise<ExitCode> {
  const { terminal, environment } = options;
  const path = resolve(options.workingFolder, options.envFile ?? '.env');
  if (existsSync(path)) {
    terminal.complain(`${path} is there already: change it by hand, or move it away first.`);
    return exitCodes.failed;
  }
  const given = givenAnswers(options.flags, environment);
  const answers = options.prompter ? await askPerson(given, options, options.prompter) : given;
  if (answers === null) return exitCodes.failed;
  const missing = missingAnswers(answers, environment);
  if (missing.length > 0) {
    terminal.complain('This is not a terminal to ask at, and something is missing:');
    for (const line of missing) terminal.complain(`  ${line}`);
    return exitCodes.wrongUsage;
  }
  return write(path, answers, options);
}

/** @returns null: the person stopped */
async function askPerson(
  given: Answers,
  options: InitOptions,
  prompter: Prompter,
): Promise<Answers | null> {
  const { terminal, environment } = options;
  const asking = { prompter, terminal, environment };
  const portal = await askPortal(given, asking);
  const { DOCSPACE_URL: url, DOCSPACE_API_KEY: apiKey } = portal;
  if (options.checks && url && apiKey) {
    const origin = settings.DOCSPACE_URL.schema.safeParse(url).data ?? url;
    const config = { DOCSPACE_URL: origin, DOCSPACE_API_KEY: apiKey };
    const findings = await checkPortal(config, options.now);
    printFindings(terminal, findings);
    if (isAnyWrong(findings)) {
      const again = await prompter.ask('Enter address and key again? [Y/n] ');
      if (/^n/i.test(again)) {
        terminal.complain('Nothing was written. With --no-check it is written unchecked.');
        return null;
      }
      return askPerson({}, options, prompter);
    }
  }
  return askRest(portal, asking);
}

/** What is checked is what was written: the file itself, before it gets its name. */
async function write(path: string, answers: Answers, options: InitOptions): Promise<ExitCode> {
  const { terminal, prompter } = options;
  const draft = draftFile(path, envText(linesOf(answers, options)));
  try {
    const read = readConfig({ environment: {}, workingFolder: '/', envFile: draft.path });
    if (read.kind === 'faulty') {
      for (const fault of read.faults) terminal.complain(fault);
      return exitCodes.wrongUsage;
    }
    const isUnasked = prompter === null && !options.flags.WELCOME_CHANNEL;
    if (isUnasked && read.config.WELCOME_CHANNEL.includes('docspace')) {
      for (const line of channelWords.slice(2)) terminal.print(line);
    }
    const stop = options.checks ? await check(read.config, options) : null;
    if (stop !== null) return stop;
    draft.keep();
  } finally {
    draft.discard();
  }
  terminal.print(`${style('green', 'written')}  ${path}, for your eyes only (mode 600)`);
  terminal.print('');
  const isMailing = (answers.WELCOME_CHANNEL ?? '').includes('smtp');
  const shown = { path, hasPublicUrl: Boolean(answers.PUBLIC_URL), isMailing };
  for (const line of nextWords(shown)) terminal.print(line);
  return exitCodes.done;
}

/** @returns null: nothing is wrong */
async function check(
  config: Config,
  { terminal, now, prompter }: InitOptions,
): Promise<ExitCode | null> {
  const findings = await checkBeforeWriting(config, now);
  // A person has read of portal and key a moment ago.
  const isKnown = ({ subject, level }: Finding) =>
    prompter !== null && level !== 'wrong' && (subject === 'portal' || subject === 'key');
  printFindings(
    terminal,
    findings.filter((finding) => !isKnown(finding)),
  );
  if (!isAnyWrong(findings)) return null;
  terminal.complain('Nothing was written: mend what is wrong, or use --no-check.');
  const isUnreachable = findings.some(
    (finding) => finding.level === 'wrong' && finding.subject === 'portal',
  );
  return isUnreachable ? exitCodes.portalUnreachable : exitCodes.failed;
}

function isAnyWrong(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.level === 'wrong');
}

/** The secrets that only this service and the portal know are made here, unless they are given. */
function linesOf(
  answers: Answers,
  { environment, workingFolder }: Pick<InitOptions, 'environment' | 'workingFolder'>,
): EnvLine[] {
  const made: EnvLine[] = [
    { name: 'DOCSPACE_WEBHOOK_SECRET', value: newWebhookSecret(), comment: 'made by init' },
    { name: 'ADMIN_TOKEN', value: newAdminToken(), comment: 'of the HTTP API; made by init' },
  ];
  const told = answerable.flatMap((name) => {
    const fromFile = answers[name] ? undefined : environment[`${name}_FILE`];
    if (fromFile && isInFile(name, environment)) {
      return [{ name: `${name}_FILE`, value: resolve(workingFolder, fromFile) }];
    }
    const value = answers[name];
    if (!value) return [];
    const setting: Setting = settings[name];
    return [{ name, value: setting.path ? resolve(workingFolder, value) : value }];
  });
  return [...told, ...made];
}
