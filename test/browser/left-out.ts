import { howToGetIt, isBrowserSuiteLeftOut } from './chromium.ts';

/** Vitest's `globalSetup`: what it returns runs when everything else is said. */
export function setup(): () => void {
  return () => {
    if (!isBrowserSuiteLeftOut()) return;
    process.stderr.write(
      `\n LEFT OUT  test/browser: this machine has no Chromium, so no page was looked at. Get it with: ${howToGetIt}\n\n`,
    );
  };
}
