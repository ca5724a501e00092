import type { WelcomeSettings } from '../channels/ingredients.ts';
import { keyFinding } from '../channels/key-finding.ts';
import type { SmtpServer } from '../channels/smtp-channel.ts';
import { type Finding, findingsOf } from './finding.ts';

const { ok, warning, wrong } = findingsOf('channel');

/** They come with every portal (wire 6.2): whoever reads the source can sign with them. */
const shippedKeys = ['1123askdasjklasbnd', 'your_core_machinekey'];

/**
 * The ways of sending, as far as they show without sending anything.
 * @param refusals refusals in a row for the credentials, as the store counts them
 */
export async function examineChannels(options: {
  readonly settings: Pick<
    WelcomeSettings,
    'WELCOME_CHANNEL' | 'WELCOME_KEY' | 'SMTP_URL' | 'WELCOME_FROM'
  >;
  readonly machineKey: string | null;
  readonly refusals: number;
  readonly checkSmtp: (server: SmtpServer) => Promise<string | null>;
}): Promise<Finding[]> {
  const { WELCOME_CHANNEL: channels, SMTP_URL: server, WELCOME_FROM: from } = options.settings;
  const findings: Finding[] = [];
  for (const channel of channels) {
    if (channel === 'docspace') findings.push(docspaceKey(options));
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

function docspaceKey(options: Parameters<typeof examineChannels>[0]): Finding {
  const { settings, machineKey, refusals } = options;
  const unsigned = keyFinding({
    channels: settings.WELCOME_CHANNEL,
    key: settings.WELCOME_KEY,
    hasMachineKey: machineKey !== null,
  });
  const said = refusals === 1 ? 'once' : `${refusals} times in a row`;
  if (unsigned && refusals > 0) {
    return wrong('key', {
      seen: `docspace: ${unsigned.phrase}, and the portal has refused it ${said}`,
      means: 'no welcome goes out this way; nobody is lost, people wait as ready or failed',
      mend: `${unsigned.advice}; then run "resume" and "retry --failed"`,
    });
  }
  if (unsigned) {
    return warning('key', {
      seen: `docspace: ${unsigned.phrase}`,
      means: 'the first welcome will be refused with 403, and then the channel pauses',
      mend: unsigned.advice,
    });
  }
  if (refusals > 0) {
    const isSigned = machineKey !== null;
    return wrong('key', {
      seen: `docspace: the portal has refused the ${isSigned ? 'signed ' : ''}Key ${said}`,
      means: 'no welcome goes out this way; nobody is lost, people wait as ready or failed',
      mend: isSigned
        ? 'compare the machine key with core:machinekey of the portal (APP_CORE_MACHINEKEY in Docker), and the clocks; then run "resume"'
        : 'a signed Key lives an hour and is for one person: use DOCSPACE_MACHINE_KEY_FILE; then run "resume"',
    });
  }
  return machineKey === null
    ? warning('key', {
        seen: 'docspace: WELCOME_KEY is one signed Key',
        means: 'such a Key is for one person and one hour: everybody else is refused',
        mend: 'use DOCSPACE_MACHINE_KEY_FILE, which signs one for each person, or WELCOME_CHANNEL=smtp',
      })
    : ok('key', 'docspace: a Key is signed for each person with the machine key');
}

function shippedKey(): Finding {
  return warning('shipped-key', {
    seen: 'the machine key of the portal is the one that every portal comes with',
    means: 'anybody can forge confirmation links of your portal, for anybody',
    mend: 'change core:machinekey of the portal (APP_CORE_MACHINEKEY in Docker), then the file',
  });
}

async function mailServer(
  server: SmtpServer,
  from: string,
  check: (server: SmtpServer) => Promise<string | null>,
): Promise<Finding> {
  const where = `${server.host}:${server.port}`;
  const fault = await check(server);
  if (fault === null) {
    const login = server.login ? ' and takes the login' : '';
    return ok('smtp', `smtp: ${where} answers${login}; mail comes from ${from}`);
  }
  return wrong('smtp', {
    seen: `smtp: ${where}: ${fault}`,
    means: 'no mail goes out this way; people wait as ready until it does',
    mend: 'mend SMTP_URL or the mail server, then run "test-send" with your own address',
  });
}

function plainLogin(server: SmtpServer): Finding[] {
  const isHere = /^(localhost|127\.|::1$)/.test(server.host);
  if (server.secure || server.requireTls || isHere) return [];
  return [
    warning('smtp-plain', {
      seen: 'smtp: SMTP_URL has requireTLS=false',
      means: 'somebody on the way can read the login and the mails',
      mend: 'leave requireTLS=false out, or use smtps://',
    }),
  ];
}
