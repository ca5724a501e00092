import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const cwd = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Vitest's `globalSetup`: compiles the program once, because tests that start processes would otherwise
 * wait for tsx at each start.
 */
export function setup(project: TestProject): void {
  build();
  project.onTestsRerun(async () => build());
}

function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd, stdio: 'inherit' });
}
