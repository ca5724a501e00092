import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadChannelFiles } from '../../../channels/channels.ts';
import { checkSmtp, ehloName } from '../../../channels/mailer.ts';
import { type Environment, readConfig, secretText } from '../../../config/read.ts';
import { type Config, type Setting, settings } from '../../../config/settings.ts';
import { examineChannels } from '../../../doctor/channel.ts';
import { configurationFindings } from '../../../doctor/configuration.ts';
import { examinePortalAndKey } from '../../../doctor/examine.ts';
import type { Finding } from '../../../doctor/finding.ts';
import { printFindings } from '../../findings.ts';
import { style, type Terminal } from '../../terminal.ts';
import { type ExitCode, exitCodes } from '../../verb.ts';
import { aboutChannels, nextCommands } from './copy.ts';
import { draftFile, type EnvLine, envText, newAdminToken, newWebhookSecret } from './env-file.ts';
import {
  type Answers,
  answerable,
  askPortal,
  askRest,
  givenAnswers,
  isInFile,
  missingAnswers,
  type Prompter,
} from './questions.ts';

export type InitOptions = {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly flags: Answers;
  /** False: the file is written without asking the portal and the mail server. */
  readonly checks: boolean;
  /** True if a new database is accepted without a terminal, for an account that was used before. */
  readonly acceptsUsedAccount?: boolean;
  /** Null: there is no terminal. */
  readonly prompter: Prompter | null;
  readonly environment: Environment;
  readonly workingFolder: string;
  readonly now: () => number;
};

/** `init`: asks for the settings, creates the secrets, checks everything and writes a new `.env`. */
export async function init(options: InitOptions): Promise<ExitCode> {
  const { terminal, environment } = options;
  const path = resolve(options.workingFolder, options.envFile ?? '.env');
  if (existsSync(path)) {
    terminal.printError(`${path} exists already. Edit it, or move it away first.`);
    return exitCodes.failed;
  }
  const given = givenAnswers(options.flags, environment);
  const answers = options.prompter ? await askPerson(given, options, options.prompter) : given;
  if (answers === null) return exitCodes.failed;
  const missing = missingAnswers(answers, environment);
  if (missing.length > 0) {
    terminal.printError('Not running in a terminal, and these settings are missing:');
    for (const line of missing) terminal.printError(`  ${line}`);
    return exitCodes.wrongUsage;
  }
  return write(path, answers, options);
}

/** @returns null if the person gave up */
async function askPerson(
  given: Answers,
  options: InitOptions,
  prompter: Prompter,
): Promise<Answers | null> {
  const { terminal, environment } = options;
  const asking = { prompter, terminal, environment };
  const portal = await askPortal(given, asking);
  const { DOCSPACE_URL: url } = portal;
  const stored = secretText('DOCSPACE_API_KEY', environment, options.workingFolder);
  // A file that cannot be read is reported later, with the other settings.
  const apiKey = portal.DOCSPACE_API_KEY ?? ('text' in stored ? stored.text : undefined);
  if (options.checks && url && apiKey) {
    const origin = settings.DOCSPACE_URL.schema.safeParse(url).data ?? url;
    const config = { DOCSPACE_URL: origin, DOCSPACE_API_KEY: apiKey };
    const findings = await checkPortal(config, options.now);
    printFindings(terminal, findings);
    if (isAnyWrong(findings)) {
      if (await prompter.confirm('Enter address and key again?')) {
        return askPerson({}, options, prompter);
      }
      terminal.printError('Nothing was written. Use --no-check to write it without checks.');
      return null;
    }
    if (isAccountUsed(findings) && !(await prompter.confirm(usedAccountQuestion))) {
      terminal.printError(`Nothing was written. ${usedAccountAdvice}`);
      return null;
    }
  }
  return askRest(portal, asking);
}

/** Writes a draft, reads the settings from it and checks them, then gives the draft its final name. */
async function write(path: string, answers: Answers, options: InitOptions): Promise<ExitCode> {
  const { terminal, prompter } = options;
  const draft = draftFile(path, envText(linesOf(answers, options)));
  try {
    const read = readConfig({ environment: {}, workingFolder: '/', envFile: draft.path });
    if (read.kind === 'faulty') {
      for (const fault of read.faults) terminal.printError(fault);
      return exitCodes.wrongUsage;
    }
    const wasAsked = prompter !== null || Boolean(options.flags.WELCOME_CHANNEL);
    if (!wasAsked && read.config.WELCOME_CHANNEL.includes('docspace')) {
      for (const line of aboutChannels) terminal.print(line);
    }
    const stop = options.checks ? await check(read.config, options) : null;
    if (stop !== null) return stop;
    draft.keep();
  } finally {
    draft.discard();
  }
  terminal.print(`${style('green', 'written')}  ${path} (mode 600: only you can read it)`);
  terminal.print('');
  const isMailing = (answers.WELCOME_CHANNEL ?? '').includes('smtp');
  const shown = { path, hasPublicUrl: Boolean(answers.PUBLIC_URL), isMailing };
  for (const line of nextCommands(shown)) terminal.print(line);
  return exitCodes.done;
}

/**
 * Checks the configuration and prints the findings.
 * @returns null if the file may be written, else the exit code
 */
async function check(
  config: Config,
  { terminal, now, prompter, acceptsUsedAccount = false }: InitOptions,
): Promise<ExitCode | null> {
  const findings = await checkBeforeWriting(config, now);
  // At a terminal the findings about the portal and the key were printed already.
  const isKnown = ({ subject, level }: Finding) =>
    prompter !== null && level !== 'wrong' && (subject === 'portal' || subject === 'key');
  printFindings(
    terminal,
    findings.filter((finding) => !isKnown(finding)),
  );
  if (!isAnyWrong(findings)) {
    if (prompter !== null || acceptsUsedAccount || !isAccountUsed(findings)) return null;
    terminal.printError(
      `Nothing was written. ${usedAccountAdvice} For a new database, add --new-database.`,
    );
    return exitCodes.failed;
  }
  terminal.printError('Nothing was written. Fix what is wrong, or use --no-check.');
  const isUnreachable = findings.some(
    (finding) => finding.level === 'wrong' && finding.subject === 'portal',
  );
  return isUnreachable ? exitCodes.portalUnreachable : exitCodes.failed;
}

const usedAccountQuestion =
  'This account has already invited people. Continue with a new database? The service then starts paused, until you run "resume"';
const usedAccountAdvice =
  'To go on with the database that this account was used with, keep its .env and DATABASE_URL.';

function isAccountUsed(findings: readonly Finding[]): boolean {
  return findings.some(({ check }) => check === 'earlier-use');
}

function isAnyWrong(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.level === 'wrong');
}

/** Returns the lines of the file, with new secrets for the webhook and the HTTP API. */
function linesOf(
  answers: Answers,
  { environment, workingFolder }: Pick<InitOptions, 'environment' | 'workingFolder'>,
): EnvLine[] {
  const secrets: EnvLine[] = [
    { name: 'DOCSPACE_WEBHOOK_SECRET', value: newWebhookSecret(), comment: 'created by init' },
    {
      name: 'ADMIN_TOKEN',
      value: newAdminToken(),
      comment: 'for the HTTP API and the dashboard; created by init',
    },
  ];
  const answered = answerable.flatMap((name) => {
    const fromFile = answers[name] ? undefined : environment[`${name}_FILE`];
    if (fromFile && isInFile(name, environment)) {
      return [{ name: `${name}_FILE`, value: resolve(workingFolder, fromFile) }];
    }
    const value = answers[name];
    if (!value) return [];
    const setting: Setting = settings[name];
    return [{ name, value: setting.path ? resolve(workingFolder, value) : value }];
  });
  return [...answered, ...secrets];
}

const smtpTimeoutMs = 15_000;

/** Returns the findings of `doctor` about the draft, without database, webhook and pauses. */
async function checkBeforeWriting(config: Config, now: () => number): Promise<Finding[]> {
  const files = await loadChannelFiles(config);
  const faults = files.kind === 'faulty' ? files.faults : [];
  const portal = await checkPortal(config, now);
  const channels = await examineChannels({
    settings: config,
    machineKey: files.kind === 'ok' ? files.files.machineKey : null,
    refusals: 0,
    checkSmtp: (server) => checkSmtp({ server, name: ehloName(config), timeoutMs: smtpTimeoutMs }),
  });
  const own = configurationFindings({ faults, envFile: null, portalOrigin: config.DOCSPACE_URL });
  return [...own.filter((finding) => finding.level !== 'ok'), ...portal, ...channels];
}

/** Checks only the portal and the key. */
async function checkPortal(
  {
    DOCSPACE_URL: origin,
    DOCSPACE_API_KEY: apiKey,
  }: Pick<Config, 'DOCSPACE_URL' | 'DOCSPACE_API_KEY'>,
  now: () => number,
): Promise<readonly Finding[]> {
  return (await examinePortalAndKey({ origin, apiKey, reads: null, now })).findings;
}
