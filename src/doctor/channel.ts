import type { SmtpServer, WelcomeSettings } from '../channels/deps.ts';
import { isKeyUnusable } from '../channels/docspace.ts';
import type { ChannelName } from '../domain/outcome.ts';
import type { MailReason } from '../domain/reason.ts';
import { reasonText } from '../messages/render.ts';
import { durationText, type Finding, findingsOf } from './finding.ts';

const { ok, warning, wrong } = findingsOf('channel');

/** The machine keys in the portal's published source (docs/docspace-wire.md 6.2). */
const shippedKeys = ['1123askdasjklasbnd', 'your_core_machinekey'];

/** The channels in use, and why they are used (docs/design.md#default-channel). */
type ChannelChoice = {
  readonly WELCOME_CHANNEL: readonly ChannelName[];
  readonly channelChoice: 'set' | 'mail_is_set_up' | 'mail_is_not_set_up';
};

type Given = {
  readonly settings: Pick<
    WelcomeSettings,
    'WELCOME_CHANNEL' | 'WELCOME_KEY' | 'WELCOME_KEY_LIFETIME' | 'SMTP_URL' | 'WELCOME_FROM'
  > &
    ChannelChoice;
  readonly machineKey: string | null;
  /** How often in a row the portal has refused the Key, from the count in the store. */
  readonly refusals: number;
  readonly checkSmtp: (server: SmtpServer) => Promise<MailReason | null>;
};

/** Checks the channels without sending anything. */
export async function examineChannels(options: Given): Promise<Finding[]> {
  const { WELCOME_CHANNEL: channels, SMTP_URL: server, WELCOME_FROM: from } = options.settings;
  const findings: Finding[] = [ok('in-use', channelChoiceText(options.settings))];
  for (const channel of channels) {
    if (channel === 'docspace') findings.push(docspaceKey(options), ...credential(options));
    else if (server && from) {
      findings.push(
        await mailServer(server, from.address, options.checkSmtp),
        ...plainLogin(server),
      );
    }
  }
  if (channels.includes('docspace') && shippedKeys.includes(options.machineKey ?? '')) {
    findings.push(shippedKey());
  }
  return findings;
}

/** Says which channels send welcomes, and why. `doctor` and the log show this sentence. */
export function channelChoiceText(config: ChannelChoice): string {
  const channels = config.WELCOME_CHANNEL.join(', then ');
  switch (config.channelChoice) {
    case 'set':
      return `welcomes go out through ${channels}, as WELCOME_CHANNEL says`;
    case 'mail_is_set_up':
      return `welcomes go out through ${channels}, because SMTP_URL and WELCOME_FROM are set and WELCOME_CHANNEL is not`;
    case 'mail_is_not_set_up':
      return `welcomes go out through ${channels}, because neither WELCOME_CHANNEL nor a mail server (SMTP_URL and WELCOME_FROM) is set`;
    default:
      return config.channelChoice satisfies never;
  }
}

const noneGoesOut =
  'no welcome goes out through this channel; people wait as ready or failed, and nobody is lost';
const signKeys =
  'set DOCSPACE_MACHINE_KEY_FILE on a server of your own, or use WELCOME_CHANNEL=smtp';

function docspaceKey({ settings, machineKey, refusals }: Given): Finding {
  const isUnusable = isKeyUnusable({
    channels: settings.WELCOME_CHANNEL,
    key: settings.WELCOME_KEY,
    hasMachineKey: machineKey !== null,
  });
  const count = refusals === 1 ? 'once' : `${refusals} times in a row`;
  const unsigned = 'docspace: no real portal accepts WELCOME_KEY, because it is not signed';
  if (isUnusable && refusals > 0) {
    return wrong('key', {
      seen: `${unsigned}; the portal has refused it ${count}`,
      means: noneGoesOut,
      mend: `${signKeys}; then run "resume" and "retry --failed"`,
    });
  }
  if (isUnusable) {
    return warning('key', {
      seen: unsigned,
      means: 'the first welcome will be refused with 403, and then the channel pauses',
      mend: signKeys,
    });
  }
  if (refusals > 0) {
    const isSigned = machineKey !== null;
    return wrong('key', {
      seen: `docspace: the portal has refused the ${isSigned ? 'signed ' : ''}Key ${count}`,
      means: noneGoesOut,
      mend: isSigned
        ? 'compare the file of the machine key with core:machinekey of the portal (APP_CORE_MACHINEKEY in Docker), and the clocks of both machines; then run "resume"'
        : 'a signed Key is valid for an hour and for one person: use DOCSPACE_MACHINE_KEY_FILE; then run "resume"',
    });
  }
  return machineKey === null
    ? warning('key', {
        seen: 'docspace: WELCOME_KEY is one signed Key',
        means: 'it is valid for one person and one hour: everybody else is refused',
        mend: 'use DOCSPACE_MACHINE_KEY_FILE, which signs a Key for each person, or WELCOME_CHANNEL=smtp',
      })
    : ok('key', 'docspace: a Key is signed for each person with the machine key');
}

/** Warns that a signed Key is a credential (docs/docspace-wire.md 13.6). */
function credential({ settings, machineKey }: Given): Finding[] {
  if (machineKey === null || !settings.WELCOME_CHANNEL.includes('docspace')) return [];
  return [
    warning('credential', {
      seen: `docspace: each welcome carries a signed Key in the query of its request, valid for ${durationText(settings.WELCOME_KEY_LIFETIME)}`,
      means:
        'while it is valid, a Key is a credential of the portal: anybody who reads one in an access log can misuse it, and any account can be affected',
      mend: 'keep query strings out of the access logs between this service and the portal, and use https; or use WELCOME_CHANNEL=smtp, which needs no Key',
    }),
  ];
}

/**
 * Warns about a machine key from the published source. The key of a portal in use cannot be changed,
 * because every stored hash depends on it (docs/docspace-wire.md 13.6).
 */
function shippedKey(): Finding {
  return warning('shipped-key', {
    seen: 'the machine key of the portal is the one from its published source',
    means: 'anybody who knows that source can forge confirmation links of your portal',
    mend: 'Do NOT change core:machinekey of a portal in use: every password, API key and open link would stop working, and everybody would be locked out, the owner too. Change it (APP_CORE_MACHINEKEY in Docker) only before the portal is used. For a portal in use: keep its API behind TLS, limit who can reach it, and use WELCOME_CHANNEL=smtp',
  });
}

async function mailServer(
  server: SmtpServer,
  from: string,
  check: Given['checkSmtp'],
): Promise<Finding> {
  const address = `${server.host}:${server.port}`;
  const fault = await check(server);
  if (fault === null) {
    const login = server.login ? ' and accepts the login' : '';
    return ok('smtp', `smtp: ${address} answers${login}; the sender is ${from}`);
  }
  return wrong('smtp', {
    seen: `smtp: ${address}: ${reasonText(fault)}`,
    means: 'no mail goes out through this channel; people wait as ready until it works',
    mend: 'fix SMTP_URL or the mail server, then run "test-send" with your own address',
  });
}

function plainLogin(server: SmtpServer): Finding[] {
  const isLocal = /^(localhost|127\.|::1$)/.test(server.host);
  if (server.secure || server.requireTls || isLocal) return [];
  const option = server.tls === 'off' ? 'tls=off' : 'requireTLS=false';
  return [
    warning('smtp-plain', {
      seen: `smtp: SMTP_URL has ${option}`,
      means: 'the login and the mails can be read on the network',
      mend: `remove ${option}, or use smtps://`,
    }),
  ];
}
