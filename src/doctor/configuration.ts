import { type Finding, findingsOf } from './finding.ts';

const { ok, warning, wrong } = findingsOf('configuration');

type EnvFile = { readonly path: string; readonly mode: number };

/**
 * Returns the findings about the configuration itself.
 * @param faults a sentence for each fault in the settings and in the files that they name
 * @param warnings sentences about settings that are valid but probably a mistake
 * @param envFile the `.env` that was read, with its permission bits; null if there is none
 */
export function configurationFindings(given: {
  readonly faults: readonly string[];
  readonly warnings?: readonly string[];
  readonly envFile: EnvFile | null;
  readonly portalOrigin: string | null;
}): Finding[] {
  const { faults, warnings = [], envFile, portalOrigin } = given;
  return [
    ...warnings.map(unusualFinding),
    ...faults.map(faultFinding),
    faults.length === 0 ? complete(envFile?.path ?? null) : null,
    envFile && readableByOthers(envFile),
    portalOrigin ? plainPortal(portalOrigin) : null,
  ].filter((finding) => finding !== null);
}

function faultFinding(sentence: string): Finding {
  return wrong('setting', {
    seen: sentence,
    means: 'the service does not start',
    mend: 'set it in the environment or in .env; "init" writes a new .env',
  });
}

function unusualFinding(sentence: string): Finding {
  return warning('unusual', {
    seen: sentence,
    means: 'the service starts, but a setting may not do what was meant',
    mend: 'correct or remove it in the environment or in .env',
  });
}

function complete(path: string | null): Finding {
  const from = path === null ? 'the environment alone' : `${path} and the environment`;
  return ok('settings', `every setting is valid; they were read from ${from}`);
}

function readableByOthers(file: EnvFile): Finding | null {
  const { path, mode } = file;
  if (process.platform === 'win32' || (mode & 0o077) === 0) return null;
  return warning('env-file', {
    seen: `${path} can be read by others (mode ${(mode & 0o777).toString(8)})`,
    means: 'every user of this machine can read the API key in it',
    mend: `chmod 600 ${path}`,
  });
}

function plainPortal(origin: string): Finding | null {
  const { protocol, hostname } = new URL(origin);
  const isHere = /^(localhost|127\..*|\[::1\])$/.test(hostname);
  if (protocol === 'https:' || isHere) return null;
  return warning('plain-portal', {
    seen: `DOCSPACE_URL is not https: ${origin}`,
    means: 'the API key crosses the network unencrypted',
    mend: 'use the https address of the portal',
  });
}
