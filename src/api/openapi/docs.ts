import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Hono } from 'hono';
import { answerProblem, problem } from '../../http/problem.ts';
import { type DocsAsset, docsAssets } from './assets.ts';

const require = createRequire(import.meta.url);
const swaggerFolder = dirname(require.resolve('swagger-ui-dist/package.json'));

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>docspace-welcome: HTTP API</title>
<link rel="icon" href="docs/favicon-32x32.png"><link rel="stylesheet" href="docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script><script src="docs/init.js"></script>`;

/** Without a validator: nothing of the document goes to another host. */
const init = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });`;

/** Everything comes from this service; Swagger UI draws its icons as data URLs and styles in place. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** `GET /openapi.json`, and `/docs` with its files. */
export function docsRoutes(): Hono {
  const routes = new Hono();
  // Made when it is first asked for: it takes a tenth of the time of a start.
  let document: Promise<object> | undefined;
  routes.get('/openapi.json', async (c) => {
    document ??= import('./document.ts').then(({ openApiDocument }) => openApiDocument());
    return c.json(await document);
  });
  routes.get('/docs', (c) => c.html(page, 200, headers));
  routes.get('/docs/:asset', async (c) => {
    const name = c.req.param('asset');
    if (!isAsset(name)) return answerProblem(c, problem('not-found', 'There is no such file'));
    const file = name === 'init.js' ? Buffer.from(init) : await readFile(join(swaggerFolder, name));
    return c.body(new Uint8Array(file), 200, {
      ...headers,
      'content-type': docsAssets[name],
      'cache-control': 'public, max-age=3600',
    });
  });
  return routes;
}

function isAsset(name: string): name is DocsAsset {
  return Object.hasOwn(docsAssets, name);
}
