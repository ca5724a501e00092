import { existsSync } from 'node:fs';
import type { Environment } from '../../config/read.ts';
import { type Setting, type SettingName, settings } from '../../config/settings.ts';
import type { Terminal } from '../terminal.ts';
import type { Prompter } from './prompter.ts';
import { channelWords } from './words.ts';

/** What `init` is told, by setting. */
export type Answers = Partial<Record<SettingName, string>>;

type Question = {
  readonly name: SettingName;
  readonly text: string;
  /** Taken for an empty answer; null: there must be one. */
  readonly fallback: string | null;
};

const portalQuestions: readonly Question[] = [
  { name: 'DOCSPACE_URL', text: 'The address of the portal', fallback: null },
  {
    name: 'DOCSPACE_API_KEY',
    text: 'An API key of an account of its own (Developer Tools, API keys; not shown)',
    fallback: null,
  },
];
const publicUrl: Question = {
  name: 'PUBLIC_URL',
  text: 'This service’s address as the portal reaches it (empty: later)',
  fallback: '',
};
const channelQuestion: Question = {
  name: 'WELCOME_CHANNEL',
  text: 'docspace, smtp, or docspace,smtp [smtp]',
  fallback: 'smtp',
};
const machineKey: Question = {
  name: 'DOCSPACE_MACHINE_KEY_FILE',
  text: 'The file with the portal’s machine key (empty: none)',
  fallback: '',
};
const mailQuestions: readonly Question[] = [
  {
    name: 'SMTP_URL',
    text: 'smtps://user:password@host of your mail server (not shown)',
    fallback: null,
  },
  { name: 'WELCOME_FROM', text: 'Who the mail comes from: Name <address>', fallback: null },
];

/** All that may be answered by the environment; a secret also by the file that NAME_FILE names. */
export const answerable = [
  ...portalQuestions,
  publicUrl,
  channelQuestion,
  machineKey,
  ...mailQuestions,
].map((question) => question.name);

/** The answers that are already there. */
export function givenAnswers(flags: Answers, environment: Environment): Answers {
  const fromEnvironment = answerable.flatMap((name) => {
    const value = environment[name]?.trim();
    return value ? [[name, value]] : [];
  });
  return { ...Object.fromEntries(fromEnvironment), ...flags };
}

/** What must be known and is not: the settings, each with its meaning. */
export function missingAnswers(answers: Answers, environment: Environment): string[] {
  const channels = (answers.WELCOME_CHANNEL ?? 'docspace').split(',').map((name) => name.trim());
  const needed = [...portalQuestions, ...(channels.includes('smtp') ? mailQuestions : [])];
  return needed
    .filter(({ name }) => !answers[name] && !isInFile(name, environment))
    .map(({ name }) => `${name}: ${settings[name].meaning}`);
}

export function isInFile(name: SettingName, environment: Environment): boolean {
  const setting: Setting = settings[name];
  return setting.secret === true && Boolean(environment[`${name}_FILE`]?.trim());
}

type Asking = {
  readonly prompter: Prompter;
  readonly terminal: Terminal;
  readonly environment: Environment;
};

export function askPortal(answers: Answers, asking: Asking): Promise<Answers> {
  return askAll(portalQuestions, answers, asking);
}

/** The questions after the portal's: where we are, how the welcome is sent, what that needs. */
export async function askRest(answers: Answers, asking: Asking): Promise<Answers> {
  const first = await askAll([publicUrl], answers, asking);
  if (first.WELCOME_CHANNEL === undefined) {
    for (const line of channelWords) asking.terminal.print(line);
  }
  const second = await askAll([channelQuestion], first, asking);
  const channels = second.WELCOME_CHANNEL ?? '';
  const third = channels.includes('docspace') ? await askAll([machineKey], second, asking) : second;
  return channels.includes('smtp') ? askAll(mailQuestions, third, asking) : third;
}

async function askAll(
  questions: readonly Question[],
  answers: Answers,
  asking: Asking,
): Promise<Answers> {
  let known = answers;
  for (const question of questions) {
    if (known[question.name] !== undefined || isInFile(question.name, asking.environment)) continue;
    known = { ...known, [question.name]: await askOne(question, asking) };
  }
  return known;
}

/** Asks until the answer is one: each is checked as the setting is. */
async function askOne(question: Question, { prompter, terminal }: Asking): Promise<string> {
  const setting: Setting = settings[question.name];
  for (;;) {
    const hidden = setting.secret === true;
    const answer = (await prompter.ask(`${question.text}: `, { hidden })) || question.fallback;
    if (answer === '') return answer;
    const fault = answer === null ? 'is needed' : faultOf(question.name, answer);
    if (fault === null && answer !== null) return answer;
    terminal.complain(`  ${question.name} ${fault}`);
  }
}

function faultOf(name: SettingName, answer: string): string | null {
  const parsed = settings[name].schema.safeParse(answer);
  if (!parsed.success) return parsed.error.issues[0]?.message ?? 'is not valid';
  const isNoFile = name === 'DOCSPACE_MACHINE_KEY_FILE' && !existsSync(answer);
  return isNoFile ? 'is no file that is there' : null;
}
