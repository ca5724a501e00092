import { onTestFinished } from 'vitest';
import type { Portal, PortalOptions } from '../../simulator/portal.ts';
import { type DoctorEnvironment, findAll } from '../../src/cli/verbs/doctor.ts';
import type { Finding, Subject } from '../../src/doctor/finding.ts';
import type { Disk } from '../../src/doctor/store.ts';
import { startPortal } from '../support/portal.ts';
import { temporaryFolder, webhookSecret } from '../support/world.ts';

export const roomyDisk: Disk = { type: 0xef53, availableBytes: 50e9 };

/** A portal, a folder, and `doctor` on both, in this process. */
export type Practice = {
  readonly portal: Portal;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly diagnose: (
    but?: Readonly<Record<string, string>>,
    given?: Partial<DoctorEnvironment>,
  ) => Promise<Finding[]>;
};

export async function openPractice(options: PortalOptions = {}): Promise<Practice> {
  const portal = await startPortal({
    queuePauseMs: 5,
    retryDelaysMs: [5, 10],
    ...options,
  });
  onTestFinished(() => portal.stop());
  return practiceBeside(portal, await temporaryFolder());
}

export function practiceBeside(portal: Portal, folder: string): Practice {
  const environment = {
    DOCSPACE_URL: portal.url,
    DOCSPACE_API_KEY: portal.apiKey,
    DOCSPACE_WEBHOOK_SECRET: webhookSecret,
    ADMIN_TOKEN: 'admin-token-of-the-tests-1',
  };
  return {
    portal,
    folder,
    environment,
    diagnose: (but = {}, given = {}) =>
      findAll(null, {
        environment: { ...environment, ...but },
        workingFolder: folder,
        now: Date.now,
        readDisk: async () => roomyDisk,
        ...given,
      }),
  };
}

/** The finding with this name. @throws an error with all findings if there is none */
export function pick(findings: readonly Finding[], subject: Subject, check: string): Finding {
  const found = findings.find((one) => one.subject === subject && one.check === check);
  if (found) return found;
  const all = findings.map((one) => `${one.level} ${one.subject}/${one.check}: ${one.seen}`);
  throw new Error(`no finding ${subject}/${check} among:\n${all.join('\n')}`);
}

/** The findings that are not ok, as `subject/check level`. */
export function amiss(findings: readonly Finding[]): string[] {
  return findings
    .filter((one) => one.level !== 'ok')
    .map((one) => `${one.subject}/${one.check} ${one.level}`);
}
