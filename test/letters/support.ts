import type { MailServer } from '../channels/support.ts';
import { until } from '../support/until.ts';
import { startWorld, type World, type WorldOptions } from '../support/world.ts';

export function mailSettings(mail: Pick<MailServer, 'url'>) {
  return {
    SMTP_URL: `${mail.url}?tls=insecure`,
    WELCOME_FROM: 'Example Office <office@example.com>',
    WELCOME_CHANNEL: 'smtp',
  };
}

export function startMailWorld(mail: MailServer, options: WorldOptions = {}): Promise<World> {
  return startWorld({ ...options, settings: { ...mailSettings(mail), ...options.settings } });
}

/** Waits until the letter of an invitation is in this state. Returns the invitation. */
export function letterBecomes(world: World, id: string, letter: string | null) {
  return until(`the letter of ${id} is ${letter}`, async () => {
    const { json } = await world.api('GET', `/api/invitations/${id}`);
    return json.letter === letter ? json : null;
  });
}

/** The mails to an address, decoded, oldest first. */
export function mailsTo(mail: MailServer, email: string): readonly string[] {
  return mail.received.filter(({ to }) => to === email).map(({ raw }) => decoded(raw));
}

function decoded(raw: string): string {
  const bytes = raw
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

export function linkIn(mail: string | undefined): string {
  const link = /https?:\/\/[^\s"<)]+\/s\/[\w-]+/.exec(mail ?? '')?.[0];
  if (!link) throw new Error(`no link in ${mail}`);
  return link;
}

export function subjectOf(mail: string | undefined): string {
  const header = /^Subject: (.*(?:\r?\n[ \t].*)*)/m.exec(mail ?? '')?.[1] ?? '';
  return header
    .replace(/\r?\n[ \t]/g, '')
    .replace(/=\?UTF-8\?Q\?|\?=/g, '')
    .replaceAll('_', ' ')
    .trim();
}
