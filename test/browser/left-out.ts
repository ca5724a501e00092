import { howToGetIt, isBrowserSuiteLeftOut } from './chromium.ts';

/** Vitest's `globalSetup`. The returned function runs at the end of the output. */
export function setup(): () => void {
  return () => {
    if (!isBrowserSuiteLeftOut()) return;
    process.stderr.write(
      `\n LEFT OUT  test/browser: this machine has no Chromium, so no page was looked at. Get it with: ${howToGetIt}\n\n`,
    );
  };
}
