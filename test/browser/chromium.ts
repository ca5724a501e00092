import { existsSync } from 'node:fs';

/** The usual paths of Debian and other distributions. Chromium without windows comes first: it is faster. */
const places = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** @returns the path of the browser on this machine, or null */
export function chromiumPath(): string | null {
  return places.find((place) => existsSync(place)) ?? null;
}

/**
 * Whether the browser tests are skipped. Without a browser they are skipped on a developer's
 * machine, and fail in CI.
 */
export function isBrowserSuiteLeftOut(): boolean {
  return chromiumPath() === null && process.env['CI'] !== 'true';
}

export const howToGetIt = 'apt-get install -y chromium-headless-shell, or chromium';
