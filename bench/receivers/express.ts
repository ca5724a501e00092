import { createHmac } from 'node:crypto';
import express from 'express';
import { prepareKeep } from './keep.ts';

/*
 * A receiver as in ONLYOFFICE's sample: parse, stringify again, HMAC, compare
 * (github.com/ONLYOFFICE/docspace-samples, webhooks/nodejs/index.js). The sample also reads its
 * secret from a file and prints the body at each request; both are left out here, in its favour.
 * express.ts PATH SECRET [URL]: if a database is given, each delivery is one insert into it.
 */

const [path = '', secret = '', url] = process.argv.slice(2);
const keep = url === undefined ? null : await prepareKeep(url);
const app = express();
app.use(express.json());
app.post(path, async (request, response) => {
  const body = JSON.stringify(request.body);
  const digest = createHmac('sha256', secret).update(body).digest('hex').toUpperCase();
  if (request.headers['x-docspace-signature-256'] !== `sha256=${digest}`) {
    response.sendStatus(401);
    return;
  }
  await keep?.(request.body, Buffer.from(body));
  response.sendStatus(200);
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.stdout.write(`port ${address?.port}\n`);
});
