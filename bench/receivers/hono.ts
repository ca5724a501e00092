import { createHmac, timingSafeEqual } from 'node:crypto';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { prepareKeep } from './keep.ts';

/*
 * A simple receiver with Hono: HMAC over the raw body, then JSON.parse.
 * hono.ts PATH SECRET [URL]: if a database is given, each delivery is one commit in it.
 */

const [path = '', secret = '', url] = process.argv.slice(2);
const keep = url === undefined ? null : await prepareKeep(url);
const routes = new Hono();
routes.post(path, async (c) => {
  const body = Buffer.from(await c.req.arrayBuffer());
  const signature = Buffer.from(c.req.header('x-docspace-signature-256') ?? '');
  const digest = createHmac('sha256', secret).update(body).digest('hex').toUpperCase();
  const right = Buffer.from(`sha256=${digest}`);
  if (signature.length !== right.length || !timingSafeEqual(signature, right))
    return c.body(null, 401);
  const delivery = JSON.parse(body.toString());
  await keep?.(delivery, body);
  return c.json({ status: 'accepted' });
});
serve({ fetch: routes.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  process.stdout.write(`port ${port}\n`);
});
