import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../simulator', import.meta.url));

test('the simulated portal knows nothing of the product, which it is to hold to the truth', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => /\.tsx?$/.test(file));
  const breaches = sources.filter((file) =>
    /(?:from|import)\s*\(?\s*'(?:\.\.\/)+(?:src|test|bench)\//.test(
      readFileSync(join(folder, file), 'utf8'),
    ),
  );
  expect(sources).not.toEqual([]);
  expect(breaches).toEqual([]);
});
