import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { loadChannelFiles } from '../../channels/channels.ts';
import { checkSmtp, ehloName } from '../../channels/mailer.ts';
import { type Environment, readConfig } from '../../config/read.ts';
import type { Config } from '../../config/settings.ts';
import { configurationFindings } from '../../doctor/configuration.ts';
import { examine } from '../../doctor/examine.ts';
import type { Finding } from '../../doctor/finding.ts';
import { pauseFindings } from '../../doctor/pauses.ts';
import { requestFindings } from '../../doctor/portal.ts';
import { inspectStore, type ReadDisk, readDisk, storeFindings } from '../../doctor/store.ts';
import { reasonText } from '../../messages/render.ts';
import type { LockStatus, StoreReads } from '../../store/store.ts';
import { webhookPath } from '../../webhook/route.ts';
import { overHttp } from '../client.ts';
import { printFindings, summary } from '../findings.ts';
import { printJson } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext } from '../verb.ts';

/** A mail server that takes longer counts as unreachable. */
const smtpTimeoutMs = 15_000;

/** What `doctor` needs from this process and this machine. */
export type DoctorEnvironment = {
  readonly environment: Environment;
  readonly workingFolder: string;
  readonly now: () => number;
  readonly readDisk: ReadDisk;
  /** The PEM certificate of a private authority that signed the mail server's certificate. */
  readonly ca?: string;
};

/** `doctor`: checks everything that can be checked without changing anything or sending a mail. */
export async function doctor(
  { terminal, envFile, json }: VerbContext,
  given: DoctorEnvironment = {
    environment: process.env,
    workingFolder: process.cwd(),
    now: Date.now,
    readDisk,
  },
): Promise<ExitCode> {
  const findings = await findAll(envFile, given);
  const isWrong = findings.some((finding) => finding.level === 'wrong');
  if (json) {
    const level = isWrong ? 'wrong' : (findings.find(isWarning)?.level ?? 'ok');
    printJson(terminal, { level, findings });
  } else {
    printFindings(terminal, findings);
    terminal.print(summary(findings));
  }
  return isWrong ? exitCodes.failed : exitCodes.done;
}

function isWarning(finding: Finding): boolean {
  return finding.level === 'warning';
}

/** Collects every finding. If the configuration is not valid, only the configuration is checked. */
export async function findAll(
  envFile: string | null,
  given: DoctorEnvironment,
): Promise<Finding[]> {
  const { environment, workingFolder } = given;
  const envFileSeen = statEnvFile(resolve(workingFolder, envFile ?? '.env'));
  const read = readConfig({ environment, workingFolder, envFile });
  if (read.kind === 'faulty') {
    return configurationFindings({ faults: read.faults, envFile: envFileSeen, portalOrigin: null });
  }
  const { config } = read;
  const loaded = await loadChannelFiles(config);
  const faults = loaded.kind === 'faulty' ? loaded.faults : [];
  const machineKey = loaded.kind === 'ok' ? loaded.files.machineKey : null;
  return [
    ...configurationFindings({
      faults,
      warnings: read.warnings,
      envFile: envFileSeen,
      portalOrigin: config.DOCSPACE_URL,
    }),
    ...(await findOutside(config, machineKey, given)),
  ];
}

async function findOutside(
  config: Config,
  machineKey: string | null,
  { now, readDisk, ca }: DoctorEnvironment,
): Promise<Finding[]> {
  const { status, reads } = await inspectStore({
    database: config.database,
    configuredOrigin: config.DOCSPACE_URL,
    readDisk,
  });
  try {
    const examined = await examine({
      settings: config,
      machineKey,
      reads,
      webhookPath,
      checkSmtp: (server) =>
        checkSmtp({
          server,
          name: ehloName(config),
          timeoutMs: smtpTimeoutMs,
          ...(ca === undefined ? {} : { ca }),
        }),
      now,
    });
    const pauses = await findPauses({ config, lock: status.lock, reads });
    const requests = await findRequests(config, status.lock);
    return [...storeFindings(status), ...examined, ...requests, ...pauses];
  } finally {
    await reads?.close();
  }
}

function statEnvFile(path: string): { readonly path: string; readonly mode: number } | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? { path, mode: stat.mode } : null;
}

/** Reports how many requests the running service sent to the portal. Only that service counts them. */
async function findRequests(config: Config, lock: LockStatus): Promise<Finding[]> {
  if (lock.kind !== 'served') return [];
  const holder = { pid: lock.pid ?? 0, url: lock.url };
  const answer = await overHttp(holder, config).request('GET', '/metrics');
  return answer.kind === 'answered' && answer.status === 200 ? requestFindings(answer.text) : [];
}

const time = z.string().transform((text) => Date.parse(text));
const statsSchema = z.object({
  pauses: z.array(
    z.object({
      name: z.string(),
      reason: z.object({ text: z.string() }),
      since: time,
      until: time.nullable(),
    }),
  ),
});

/**
 * Reports the pauses that the running service knows. If no service runs, or its answer cannot be used,
 * reports the pauses in the database, which are only the pauses that survive a restart.
 */
async function findPauses(options: {
  readonly config: Config;
  readonly lock: LockStatus;
  readonly reads: StoreReads | null;
}): Promise<Finding[]> {
  const { config, lock, reads } = options;
  const channels = config.WELCOME_CHANNEL;
  const stored = ((await reads?.pauses()) ?? []).map(({ name, reason, since }) => {
    return { name, since, text: reasonText(reason), until: null };
  });
  if (lock.kind !== 'served') return pauseFindings({ pauses: stored, channels, unreachable: null });
  const holder = { pid: lock.pid ?? 0, url: lock.url };
  const answer = await overHttp(holder, config).request('GET', '/api/stats');
  if (answer.kind === 'unreachable') {
    return pauseFindings({ pauses: stored, channels, unreachable: answer.reason });
  }
  const stats = statsSchema.safeParse(answer.json);
  if (answer.status !== 200 || !stats.success) {
    const unreachable = `it answered ${answer.status}`;
    return pauseFindings({ pauses: stored, channels, unreachable });
  }
  const pauses = stats.data.pauses.map(({ reason, ...pause }) => ({ ...pause, text: reason.text }));
  return pauseFindings({ pauses, channels, unreachable: null });
}
