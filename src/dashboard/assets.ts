import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Hono } from 'hono';
import { projectPath } from '../project.ts';

const require = createRequire(import.meta.url);
const folder = projectPath('src/dashboard/assets');

/** The files that pages use, and their media types. htmx comes from its package. */
const files = {
  'dashboard.css': ['text/css; charset=utf-8', join(folder, 'dashboard.css')],
  'dashboard.js': ['text/javascript; charset=utf-8', join(folder, 'dashboard.js')],
  'icon.svg': ['image/svg+xml', join(folder, 'icon.svg')],
  'htmx.js': ['text/javascript; charset=utf-8', require.resolve('htmx.org/dist/htmx.min.js')],
} as const;
type Asset = keyof typeof files;

type Loaded = { readonly bytes: Uint8Array<ArrayBuffer>; readonly path: string };
const loaded = new Map<Asset, Loaded>();

/** Reads a file when a page first needs it, so that the start does not wait. */
function load(name: Asset): Loaded {
  const known = loaded.get(name);
  if (known) return known;
  const bytes = new Uint8Array(readFileSync(files[name][1]));
  const version = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const fresh = { bytes, path: `/assets/${name}?${version}` };
  loaded.set(name, fresh);
  return fresh;
}

/** The path of a file. It changes with the content, so browsers may cache the file for a year. */
export function assetPath(name: Asset): string {
  return load(name).path;
}

export function assetRoutes(): Hono {
  const routes = new Hono();
  for (const name of Object.keys(files) as Asset[]) {
    routes.get(`/assets/${name}`, (c) =>
      c.body(load(name).bytes, 200, {
        'content-type': files[name][0],
        'cache-control': 'public, max-age=31536000, immutable',
      }),
    );
  }
  return routes;
}
