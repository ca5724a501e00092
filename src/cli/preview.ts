import { existsSync } from 'node:fs';
import { z } from 'zod';
import { previewView } from '../api/preview.ts';
import { prepareWelcome } from '../channels/ingredients.ts';
import type { Config } from '../config/settings.ts';
import { openWorkshop, type Workshop } from '../core.ts';
import { createLog } from '../log.ts';
import { createPreviewer } from '../operations/preview.ts';
import { openChannels } from '../service.ts';
import type { Holder } from '../store/sqlite/lock.ts';
import { withConfig } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { complain, surroundings } from './serve.ts';
import { askServer } from './server-api.ts';
import { printable, style, type Terminal } from './terminal.ts';

export type PreviewOptions = {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly email: string;
  readonly html: boolean;
  readonly json: boolean;
};

/** The welcome as this person would get it: asked of the running service, else made here. */
export function preview(options: PreviewOptions): Promise<ExitCode> {
  const { terminal } = options;
  return withConfig(options, async (config) => {
    if (!existsSync(config.databaseFile)) {
      terminal.complain(`There is no database at ${config.databaseFile}: check DATABASE_URL.`);
      return exitCodes.configuration;
    }
    const log = createLog({ level: 'silent', write: () => {} });
    const opened = await openWorkshop(config, surroundings(log), () => {});
    switch (opened.kind) {
      case 'opened':
        try {
          return await previewHere(options, config, opened.workshop);
        } finally {
          await opened.workshop.close();
        }
      case 'busy':
        return previewThere(options, config, opened.holder);
      case 'refused':
        return complain(terminal, opened, config);
      default:
        return opened satisfies never;
    }
  });
}

async function previewHere(
  options: PreviewOptions,
  config: Config,
  workshop: Workshop,
): Promise<ExitCode> {
  const { terminal, email } = options;
  const read = await prepareWelcome(config);
  if (read.kind === 'faulty') {
    for (const fault of read.faults) terminal.complain(fault);
    return exitCodes.configuration;
  }
  const { store, pauses } = workshop;
  const { prepared } = read;
  const { clock } = surroundings(createLog({ level: 'silent', write: () => {} }));
  const channels = await openChannels({ config, prepared, workshop, clock });
  const previewer = createPreviewer({ reads: store, channels, pauses });
  const [member] = (await store.listMembers({ email }, { limit: 1 })).items;
  const found = member ? await previewer.preview(member.userId) : null;
  return found ? show(options, viewSchema.parse(previewView(found))) : nobody(options);
}

async function previewThere(
  options: PreviewOptions,
  config: Config,
  holder: Holder | null,
): Promise<ExitCode> {
  const { terminal, email } = options;
  const ask = (path: string) => askServer(holder, config, { method: 'GET', path });
  const people = await ask(`/api/members?limit=1&email=${encodeURIComponent(email)}`);
  if (people.kind === 'unreachable') {
    terminal.complain(people.reason);
    return exitCodes.failed;
  }
  const [member] = peopleSchema.safeParse(people.json).data?.items ?? [];
  if (!member) return nobody(options);
  const answer = await ask(`/api/members/${member.userId}/preview`);
  if (answer.kind === 'answered' && answer.status === 200) {
    return show(options, viewSchema.parse(answer.json));
  }
  terminal.complain(
    answer.kind === 'unreachable' ? answer.reason : `the service answered ${answer.status}`,
  );
  return exitCodes.failed;
}

const peopleSchema = z.object({ items: z.array(z.object({ userId: z.string() })) });
const viewSchema = z.looseObject({
  state: z.string(),
  wouldSend: z.boolean(),
  why: z.string().nullable(),
  channel: z.string(),
  letter: z.discriminatedUnion('kind', [
    z.looseObject({
      kind: z.literal('mail'),
      from: z.string(),
      to: z.string(),
      subject: z.string(),
      text: z.string(),
      html: z.string(),
    }),
    z.object({ kind: z.literal('portal_letter'), description: z.string() }),
  ]),
});
type View = z.infer<typeof viewSchema>;

function show({ terminal, html, json }: PreviewOptions, view: View): ExitCode {
  const { letter } = view;
  if (json) terminal.print(JSON.stringify(view, null, 2));
  else if (html && letter.kind === 'mail') terminal.print(letter.html);
  else for (const line of linesOf(view)) terminal.print(line);
  return exitCodes.done;
}

function linesOf({ state, wouldSend, why, channel, letter }: View): string[] {
  const verdict = wouldSend
    ? style('green', `goes out through ${channel}`)
    : `${style('yellow', 'is not sent')}: ${printable(why ?? '')}`;
  const head = `${style('bold', 'welcome')}  ${verdict}  ${style('dim', `(member is ${state})`)}`;
  if (letter.kind === 'portal_letter') return [head, '', letter.description];
  return [
    head,
    '',
    `From:    ${printable(letter.from)}`,
    `To:      ${printable(letter.to)}`,
    `Subject: ${printable(letter.subject)}`,
    '',
    ...letter.text.split('\n').map(printable),
  ];
}

function nobody({ terminal, email }: PreviewOptions): ExitCode {
  terminal.complain(
    `Nobody with the address ${printable(email)} has come yet, so there is no name and no language: test-send shows a sample.`,
  );
  return exitCodes.failed;
}
