import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { prepareWelcome } from '../../channels/ingredients.ts';
import { checkSmtp } from '../../channels/smtp-check.ts';
import { type Environment, readConfig } from '../../config/read.ts';
import type { Config } from '../../config/settings.ts';
import { configurationFindings } from '../../doctor/configuration.ts';
import { examine } from '../../doctor/examine.ts';
import type { Finding } from '../../doctor/finding.ts';
import { storeFindings } from '../../doctor/store.ts';
import { webhookPath } from '../../webhook/route.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { printFindings, summary } from './report.ts';
import { findPauses } from './running-service.ts';
import { diskOf, type LookAtDisk, lookAtStore } from './store-seen.ts';

/** A mail server that takes longer is as good as none. */
const smtpTimeoutMs = 15_000;

/** The outside of `doctor`. */
export type DoctorSurroundings = {
  readonly environment: Environment;
  readonly workingFolder: string;
  readonly now: () => number;
  readonly lookAtDisk: LookAtDisk;
  /** PEM, for a mail server that no public authority vouches for. */
  readonly ca?: string;
};

/** Looks at everything that can be looked at without changing or sending anything; 1 if something is wrong. */
export async function doctor(options: {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly json: boolean;
  readonly surroundings?: DoctorSurroundings;
}): Promise<ExitCode> {
  const { terminal, envFile, json } = options;
  const surroundings = options.surroundings ?? {
    environment: process.env,
    workingFolder: process.cwd(),
    now: Date.now,
    lookAtDisk: diskOf,
  };
  const findings = await findAll(envFile, surroundings);
  const isWrong = findings.some((finding) => finding.level === 'wrong');
  if (json) {
    const level = isWrong ? 'wrong' : (findings.find(isWarning)?.level ?? 'ok');
    terminal.print(JSON.stringify({ level, findings }, null, 2));
  } else {
    printFindings(terminal, findings);
    terminal.print(summary(findings));
  }
  return isWrong ? exitCodes.failed : exitCodes.done;
}

function isWarning(finding: Finding): boolean {
  return finding.level === 'warning';
}

/** Every finding; with a faulty configuration only what is wrong with it. */
export async function findAll(
  envFile: string | null,
  surroundings: DoctorSurroundings,
): Promise<Finding[]> {
  const { environment, workingFolder } = surroundings;
  const envSeen = lookAtEnvFile(resolve(workingFolder, envFile ?? '.env'));
  const read = readConfig({ environment, workingFolder, envFile });
  if (read.kind === 'faulty') {
    return configurationFindings({ faults: read.faults, envFile: envSeen, portalOrigin: null });
  }
  const { config } = read;
  const prepared = await prepareWelcome(config);
  const portalOrigin = config.DOCSPACE_URL;
  const faults = prepared.kind === 'faulty' ? prepared.faults : [];
  const machineKey = prepared.kind === 'ok' ? prepared.prepared.machineKey : null;
  return [
    ...configurationFindings({ faults, envFile: envSeen, portalOrigin }),
    ...(await findBehind(config, machineKey, surroundings)),
  ];
}

async function findBehind(
  config: Config,
  machineKey: string | null,
  { now, lookAtDisk, ca }: DoctorSurroundings,
): Promise<Finding[]> {
  const { seen, reads } = await lookAtStore({
    file: config.databaseFile,
    configuredOrigin: config.DOCSPACE_URL,
    lookAtDisk,
  });
  try {
    const asked = await examine({
      settings: config,
      machineKey,
      reads,
      webhookPath,
      checkSmtp: (server) =>
        checkSmtp({ server, timeoutMs: smtpTimeoutMs, ...(ca === undefined ? {} : { ca }) }),
      now,
    });
    const pauses = await findPauses({ config, use: seen.use, reads });
    return [...storeFindings(seen), ...asked, ...pauses];
  } finally {
    await reads?.close();
  }
}

function lookAtEnvFile(path: string): { readonly path: string; readonly mode: number } | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? { path, mode: stat.mode } : null;
}
