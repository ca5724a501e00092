import { existsSync } from 'node:fs';
import type { Environment } from '../../../config/read.ts';
import { type Setting, type SettingName, settings } from '../../../config/settings.ts';
import type { Terminal } from '../../terminal.ts';
import { aboutChannels } from './copy.ts';

/** The answers that `init` has so far, by setting. */
export type Answers = Partial<Record<SettingName, string>>;

/** Asks a person. @throws Error when the person cancels (Ctrl-C) */
export type Prompter = {
  readonly ask: (question: string, options: { readonly isSecret: boolean }) => Promise<string>;
  readonly choose: (
    question: string,
    options: readonly { readonly value: string; readonly hint: string }[],
  ) => Promise<string>;
  readonly confirm: (question: string) => Promise<boolean>;
};

/** @returns a prompter that asks at the terminal; null if there is no terminal */
export async function terminalPrompter(): Promise<Prompter | null> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return null;
  const { confirm, isCancel, password, select, text } = await import('@clack/prompts');
  async function answered<T>(asked: Promise<T>): Promise<Exclude<T, symbol>> {
    const answer = await asked;
    if (isCancel(answer)) throw new Error('Cancelled. Nothing was written.');
    // An answer is a symbol only if the person cancelled, and `isCancel` has excluded that.
    return answer as Exclude<T, symbol>;
  }
  return {
    async ask(message, { isSecret }) {
      const answer = await answered(isSecret ? password({ message }) : text({ message }));
      return (answer ?? '').trim();
    },
    choose: (message, options) => answered(select({ message, options: [...options] })),
    confirm: (message) => answered(confirm({ message })),
  };
}

type Question = {
  readonly name: SettingName;
  readonly text: string;
  /** The value for an empty answer; null if an answer is required. */
  readonly fallback: string | null;
};

const portalQuestions: readonly Question[] = [
  { name: 'DOCSPACE_URL', text: 'Address of the portal', fallback: null },
  {
    name: 'DOCSPACE_API_KEY',
    text: 'API key, of an account that only this service uses (Developer Tools, API keys; not shown)',
    fallback: null,
  },
];
const publicUrl: Question = {
  name: 'PUBLIC_URL',
  text: 'Where the portal reaches this service (empty: set it later)',
  fallback: '',
};
const channelQuestion = { name: 'WELCOME_CHANNEL', text: 'How are welcomes sent?' } as const;
const channelOptions = [
  { value: 'smtp', hint: 'your own mail' },
  { value: 'docspace', hint: 'the portal’s letter' },
  { value: 'docspace,smtp', hint: 'the portal’s letter; your own mail when the portal refuses' },
  { value: 'smtp,docspace', hint: 'your own mail; the portal’s letter when that is refused' },
] as const;
const machineKey: Question = {
  name: 'DOCSPACE_MACHINE_KEY_FILE',
  text: 'File with the machine key of the portal (empty: none)',
  fallback: '',
};
const mailQuestions: readonly Question[] = [
  {
    name: 'SMTP_URL',
    text: 'Mail server, as smtps://user:password@host (not shown)',
    fallback: null,
  },
  { name: 'WELCOME_FROM', text: 'Sender, as Name <address>', fallback: null },
];

/** The settings that `init` asks for. The environment may set them, or set NAME_FILE for a secret. */
export const answerable = [
  ...portalQuestions,
  publicUrl,
  channelQuestion,
  machineKey,
  ...mailQuestions,
].map((question) => question.name);

/** Returns the answers from the options and the environment. The options have priority. */
export function givenAnswers(flags: Answers, environment: Environment): Answers {
  const fromEnvironment = answerable.flatMap((name) => {
    const value = environment[name]?.trim();
    return value ? [[name, value]] : [];
  });
  return { ...Object.fromEntries(fromEnvironment), ...flags };
}

/** Returns the settings that are required and missing, each with its meaning. */
export function missingAnswers(answers: Answers, environment: Environment): string[] {
  const channels = (answers.WELCOME_CHANNEL ?? '').split(',').map((name) => name.trim());
  const needed = [...portalQuestions, ...(channels.includes('smtp') ? mailQuestions : [])];
  return needed
    .filter(({ name }) => !answers[name] && !isInFile(name, environment))
    .map(({ name }) => `${name}: ${settings[name].meaning}`);
}

/** Whether this setting is a secret and NAME_FILE is set. */
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

/** Asks the remaining questions: the address of this service, the channel, and the channel's settings. */
export async function askRest(answers: Answers, asking: Asking): Promise<Answers> {
  const first = await askAll([publicUrl], answers, asking);
  const second = first.WELCOME_CHANNEL === undefined ? await askChannel(first, asking) : first;
  const channels = second.WELCOME_CHANNEL ?? '';
  const third = channels.includes('docspace') ? await askAll([machineKey], second, asking) : second;
  return channels.includes('smtp') ? askAll(mailQuestions, third, asking) : third;
}

async function askChannel(answers: Answers, { prompter, terminal }: Asking): Promise<Answers> {
  for (const line of aboutChannels) terminal.print(line);
  const channel = await prompter.choose(channelQuestion.text, channelOptions);
  return { ...answers, [channelQuestion.name]: channel };
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

/** Asks until the answer is valid by the rules of the setting. */
async function askOne(question: Question, { prompter, terminal }: Asking): Promise<string> {
  const setting: Setting = settings[question.name];
  const isSecret = setting.secret === true;
  for (;;) {
    const answer = (await prompter.ask(question.text, { isSecret })) || question.fallback;
    if (answer === '') return answer;
    const fault = answer === null ? 'is needed' : faultOf(question.name, answer);
    if (fault === null && answer !== null) return answer;
    terminal.printError(`  ${question.name} ${fault}`);
  }
}

function faultOf(name: SettingName, answer: string): string | null {
  const parsed = settings[name].schema.safeParse(answer);
  if (!parsed.success) return parsed.error.issues[0]?.message ?? 'is not valid';
  const isNoFile = name === 'DOCSPACE_MACHINE_KEY_FILE' && !existsSync(answer);
  return isNoFile ? 'names a file that does not exist' : null;
}
