import { existsSync } from 'node:fs';

/** Where Debian, and others, put it. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** @returns the browser of this machine; null: there is none */
export function chromiumPath(): string | null {
  return places.find((place) => existsSync(place)) ?? null;
}

/** Without a browser its suite is left out on a developer's machine, and fails where CI runs. */
export function isBrowserSuiteLeftOut(): boolean {
  return chromiumPath() === null && process.env['CI'] !== 'true';
}

export const howToGetIt = 'apt-get install -y chromium';
