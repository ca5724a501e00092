import { prepareWelcome } from '../../channels/ingredients.ts';
import { checkSmtp } from '../../channels/smtp-check.ts';
import type { Config } from '../../config/settings.ts';
import { examineChannels } from '../../doctor/channel.ts';
import { configurationFindings } from '../../doctor/configuration.ts';
import { examinePortalAndKey } from '../../doctor/examine.ts';
import type { Finding } from '../../doctor/finding.ts';

const smtpTimeoutMs = 15_000;

/** What `doctor` finds of a configuration that is about to be written. */
export async function checkBeforeWriting(config: Config, now: () => number): Promise<Finding[]> {
  const prepared = await prepareWelcome(config);
  const faults = prepared.kind === 'faulty' ? prepared.faults : [];
  const portal = await checkPortal(config, now);
  const channels = await examineChannels({
    settings: config,
    machineKey: prepared.kind === 'ok' ? prepared.prepared.machineKey : null,
    refusals: 0,
    checkSmtp: (server) => checkSmtp({ server, timeoutMs: smtpTimeoutMs }),
  });
  const own = configurationFindings({ faults, envFile: null, portalOrigin: config.DOCSPACE_URL });
  return [...own.filter((finding) => finding.level !== 'ok'), ...portal, ...channels];
}

/** The portal and the key alone. */
export async function checkPortal(
  {
    DOCSPACE_URL: origin,
    DOCSPACE_API_KEY: apiKey,
  }: Pick<Config, 'DOCSPACE_URL' | 'DOCSPACE_API_KEY'>,
  now: () => number,
): Promise<readonly Finding[]> {
  return (await examinePortalAndKey({ origin, apiKey, reads: null, now })).findings;
}
