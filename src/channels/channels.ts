import type { Clock } from '../clock.ts';
import type { ChannelName } from '../domain/outcome.ts';
import type { Channel } from './channel.ts';
import type { ChannelDeps, ChannelFiles, WelcomeSettings } from './deps.ts';
import { createDocspaceChannel } from './docspace.ts';
import { readMachineKey } from './machine-key.ts';
import type { Mailer } from './mail.ts';
import { type ComposeInvitation, createComposeInvitation } from './mail.ts';
import { smtpChannel } from './smtp.ts';

/**
 * Reads the machine key and all letters.
 * @returns their content, or `faulty` with every fault as a sentence
 */
export async function loadChannelFiles(
  settings: Pick<
    WelcomeSettings,
    'DOCSPACE_MACHINE_KEY_FILE' | 'WELCOME_TEMPLATES' | 'WELCOME_LANGUAGE' | 'SMTP_URL'
  >,
): Promise<
  | { readonly kind: 'ok'; readonly files: ChannelFiles }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] }
> {
  const keyFile = settings.DOCSPACE_MACHINE_KEY_FILE;
  const key = keyFile === null ? null : readMachineKey(keyFile);
  const read = await readTemplates(settings);
  if (read.kind === 'ok' && key?.kind !== 'fault') {
    const machineKey = key?.machineKey ?? null;
    return { kind: 'ok', files: { machineKey, templates: read.templates } };
  }
  const ofKey = key?.kind === 'fault' ? [key.sentence] : [];
  return { kind: 'faulty', faults: [...ofKey, ...(read.kind === 'faulty' ? read.faults : [])] };
}

/**
 * Reads the letters, if the settings need them. Only then is the template engine loaded, because loading
 * it slows the start.
 */
async function readTemplates(
  settings: Pick<WelcomeSettings, 'WELCOME_TEMPLATES' | 'WELCOME_LANGUAGE' | 'SMTP_URL'>,
) {
  const { WELCOME_TEMPLATES: folder, WELCOME_LANGUAGE: language, SMTP_URL: server } = settings;
  if (folder === null && server === null) return { kind: 'ok', templates: null } as const;
  const { loadTemplates } = await import('./templates.ts');
  return loadTemplates({ folder, language });
}

/**
 * Creates the mailer; returns null without `SMTP_URL`. The mail library is loaded only if it is needed,
 * because loading it slows the start.
 */
export async function openMailer(
  settings: WelcomeSettings,
  environment: { readonly clock: Clock; readonly random?: () => number },
): Promise<Mailer | null> {
  if (settings.SMTP_URL === null) return null;
  return (await import('./mailer.ts')).mailerOf(settings, environment);
}

/** Returns a function that writes the letters of invitations; null if this service cannot mail them. */
export function invitationLetters({
  settings,
  files,
  portalCulture,
}: Pick<ChannelDeps, 'settings' | 'files' | 'portalCulture'>): ComposeInvitation | null {
  const { SMTP_URL: server, WELCOME_FROM: from, DOCSPACE_URL: portalUrl } = settings;
  const { templates } = files;
  if (!server || !from || !templates) return null;
  return createComposeInvitation({ templates, from, portalUrl, portalCulture });
}

const makers: Readonly<Record<ChannelName, (deps: ChannelDeps) => Channel>> = {
  docspace: ({ settings, files, portal }) =>
    createDocspaceChannel({
      ...portal,
      key: settings.WELCOME_KEY,
      keyLifetimeMs: settings.WELCOME_KEY_LIFETIME,
      machineKey: files.machineKey,
    }),
  smtp: smtpChannel,
};

/** Creates the channels of `WELCOME_CHANNEL`, in the same order. */
export function createChannels(deps: ChannelDeps): Channel[] {
  return deps.settings.WELCOME_CHANNEL.map((name) => makers[name](deps));
}
