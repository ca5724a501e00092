import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const cwd = fileURLToPath(new URL('../..', import.meta.url));
/** The modules of tsconfig.preloaded.json, compiled. The folder is below the packages that they import. */
export const preloadedFolder = `${cwd}node_modules/.cache/preloaded/`;

/**
 * Vitest's `globalSetup`: compiles the program, and the modules that tests load into its processes, once.
 * Otherwise such a test would wait for tsx at each start.
 */
export function setup(project: TestProject): void {
  build();
  project.onTestsRerun(async () => build());
}

function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd, stdio: 'inherit' });
  const preloaded = ['tsc', '-p', 'test/support/tsconfig.preloaded.json'];
  execFileSync('npx', preloaded, { cwd, stdio: 'inherit' });
  writeFileSync(`${preloadedFolder}package.json`, '{ "type": "module" }\n');
}
