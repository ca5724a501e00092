import { readFileSync } from 'node:fs';

/* Prints the section of a version from CHANGELOG.md, for the notes of a release. */

const [, , version = ''] = process.argv;
const text = readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8');
const section = text
  .split(/^(?=## )/m)
  .find((part) => part.startsWith(`## ${version} `) || part.startsWith(`## ${version}\n`));
if (version === '' || !section) {
  process.stderr.write(`CHANGELOG.md has no section "## ${version}". Write one, then release.\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(section.replace(/^## .*\n+/, ''));
}
