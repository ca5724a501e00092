import type { Clock } from '../clock.ts';
import type { ChannelName } from '../domain/outcome.ts';
import type { DocspaceChannelOptions } from './docspace-channel.ts';
import { readMachineKey } from './machine-key.ts';
import type { Mailbox } from './mail.ts';
import type { SmtpServer } from './smtp-channel.ts';
import type { Templates } from './templates.ts';

/** The settings that channels are made from, named as they are set. */
export type WelcomeSettings = {
  readonly DOCSPACE_URL: string;
  readonly WELCOME_CHANNEL: readonly ChannelName[];
  readonly WELCOME_KEY: string;
  readonly DOCSPACE_MACHINE_KEY_FILE: string | null;
  readonly SMTP_URL: SmtpServer | null;
  readonly WELCOME_FROM: Mailbox | null;
  readonly WELCOME_TEMPLATES: string | null;
  readonly WELCOME_LANGUAGE: string;
};

/** What is read from files, once, at start. */
export type Prepared = {
  readonly machineKey: string | null;
  /** Null: nobody could mail a letter (`SMTP_URL`), and nobody wants theirs checked. */
  readonly templates: Templates | null;
};

/** Everything that a channel may be made from; each takes what it needs. */
export type Ingredients = {
  readonly settings: WelcomeSettings;
  readonly prepared: Prepared;
  readonly portal: Pick<DocspaceChannelOptions, 'send' | 'isPortalWell' | 'tenantId'>;
  readonly clock: Clock;
};

/** Reads the machine key and all templates, or says everything that is wrong with them. */
export async function prepareWelcome(
  settings: WelcomeSettings,
): Promise<
  | { readonly kind: 'ok'; readonly prepared: Prepared }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] }
> {
  const keyFile = settings.DOCSPACE_MACHINE_KEY_FILE;
  const key = keyFile === null ? null : readMachineKey(keyFile);
  const read = await readTemplates(settings);
  if (read.kind === 'ok' && key?.kind !== 'fault') {
    const machineKey = key?.machineKey ?? null;
    return { kind: 'ok', prepared: { machineKey, templates: read.templates } };
  }
  const ofKey = key?.kind === 'fault' ? [key.sentence] : [];
  return { kind: 'faulty', faults: [...ofKey, ...(read.kind === 'faulty' ? read.faults : [])] };
}

/** The engine is loaded with the letters that need it: 50 ms and 10 MB that most never do. */
async function readTemplates(settings: WelcomeSettings) {
  const { WELCOME_TEMPLATES: folder, WELCOME_LANGUAGE: language, SMTP_URL: server } = settings;
  if (folder === null && server === null) return { kind: 'ok', templates: null } as const;
  const { loadTemplates } = await import('./templates.ts');
  return loadTemplates({ folder, language });
}
