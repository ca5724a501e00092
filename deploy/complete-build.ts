import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * Runs after the compiler. Adds to dist the files that the program needs in addition to its code.
 */

const require = createRequire(import.meta.url);
const dist = fileURLToPath(new URL('../dist', import.meta.url));

// Copies five files, so that users do not have to install the whole package, which depends on a
// package that reports each installation.
const swaggerUi = dirname(require.resolve('swagger-ui-dist/package.json'));
mkdirSync(join(dist, 'swagger-ui'), { recursive: true });
for (const file of [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'favicon-32x32.png',
  'LICENSE',
  'NOTICE',
]) {
  copyFileSync(join(swaggerUi, file), join(dist, 'swagger-ui', file));
}

const main = join(dist, 'src/main.js');
writeFileSync(join(dist, 'docspace-welcome.1'), execFileSync(process.execPath, [main, 'man']));
