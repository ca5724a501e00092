import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { answerProblem, problem } from '../http/problem.ts';
import { projectPath } from '../project.ts';
import { createApi, json, openApiDocument, problems } from './openapi.ts';

const require = createRequire(import.meta.url);

/**
 * The build copies the files of Swagger UI here, because the published program does not depend on that
 * package.
 */
const builtFolder = projectPath('dist/swagger-ui');
const swaggerFolder = existsSync(builtFolder)
  ? builtFolder
  : dirname(require.resolve('swagger-ui-dist/package.json'));

/** The files of the page, and their media types. All but `init.js` come from Swagger UI. */
const assetTypes = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
  'init.js': 'text/javascript; charset=utf-8',
} as const;
type Asset = keyof typeof assetTypes;

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>docspace-welcome: HTTP API</title>
<link rel="icon" href="docs/favicon-32x32.png"><link rel="stylesheet" href="docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script><script src="docs/init.js"></script>`;

/** The validator is off, so that no part of the document is sent to another host. */
const init = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });`;

/**
 * Allows only files of this service. Swagger UI also needs data URLs for its icons, and inline styles.
 */
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

const tags = ['documentation'];

const documentRoute = createRoute({
  method: 'get',
  path: '/openapi.json',
  operationId: 'describe',
  tags,
  summary: 'This document',
  responses: { 200: json(z.looseObject({ openapi: z.string() }), 'OpenAPI 3.1') },
});

const pageRoute = createRoute({
  method: 'get',
  path: '/docs',
  operationId: 'showDocumentation',
  tags,
  summary: 'This document for people',
  responses: {
    200: { description: 'A page', content: { 'text/html': { schema: z.string() } } },
  },
});

const assetRoute = createRoute({
  method: 'get',
  path: '/docs/{asset}',
  operationId: 'documentationAsset',
  tags,
  summary: 'A file of that page',
  request: { params: z.object({ asset: z.string().openapi({ enum: Object.keys(assetTypes) }) }) },
  responses: {
    200: { description: 'The file', content: { '*/*': { schema: z.string() } } },
    ...problems({ 404: 'The page has no such file' }),
  },
});

/**
 * Returns the routes `GET /openapi.json`, and `/docs` with its files.
 * @param described the routes that the document describes
 */
export function docsRoutes(described: OpenAPIHono) {
  const routes = createApi();
  // The document is made at the first request, because this takes longer than the rest of the start.
  let document: object | undefined;
  routes.get('/openapi.json', (c) => {
    document ??= openApiDocument(described);
    return c.json(document);
  });
  routes.openAPIRegistry.registerPath(documentRoute);

  routes.openapi(pageRoute, (c) => c.html(page, 200, headers));

  routes.openapi(assetRoute, async (c) => {
    const { asset } = c.req.valid('param');
    if (!isAsset(asset)) {
      return answerProblem(c, problem('not-found', 'The page has no such file'));
    }
    return c.body(await assetBytes(asset), 200, {
      ...headers,
      'content-type': assetTypes[asset],
      'cache-control': 'public, max-age=3600',
      // The connection is closed after one file. Otherwise a client could request many large files and
      // read none.
      connection: 'close',
    });
  });
  return routes;
}

function isAsset(name: string): name is Asset {
  return Object.hasOwn(assetTypes, name);
}

const kept = new Map<Asset, Promise<Uint8Array<ArrayBuffer>>>();

/** Reads each file once, so that all clients share one copy. */
function assetBytes(asset: Asset): Promise<Uint8Array<ArrayBuffer>> {
  const known = kept.get(asset);
  if (known) return known;
  const read = asset === 'init.js' ? Promise.resolve(Buffer.from(init)) : readAsset(asset);
  const bytes = read.then((file) => new Uint8Array(file));
  kept.set(asset, bytes);
  return bytes;
}

function readAsset(asset: Asset): Promise<Buffer> {
  return readFile(join(swaggerFolder, asset));
}
