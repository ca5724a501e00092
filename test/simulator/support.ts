import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { onTestFinished } from 'vitest';
import {
  registerWebhook as registerAtPortal,
  type WebhookSettings,
} from '../../simulator/admin.ts';
import { type Portal, type PortalOptions, startPortal } from '../../simulator/portal.ts';

export const SECRET = 'Docspace-Webhook-1';

/** A portal whose timers are short; it stops when the test ends. */
export async function portalForTest(options: PortalOptions = {}): Promise<Portal> {
  const portal = await startPortal({
    retryDelaysMs: [2, 2, 2, 2, 2],
    queuePauseMs: 2,
    allowPrivateAddresses: true,
    ownerActivated: true,
    deliversInOrder: true,
    ...options,
  });
  onTestFinished(() => portal.stop());
  return portal;
}

export type Answered = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The parsed body; undefined when there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into bodies of many shapes
  readonly json: any;
};
type Call = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  readonly path: string;
  readonly body?: unknown;
  /** The value of the Authorization header; the owner's key if left out, none if null. */
  readonly authorization?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Calls `portal` under /api/2.0/. */
export async function call(portal: Portal, what: Call): Promise<Answered> {
  const { method = 'GET', path, body, authorization = `Bearer ${portal.apiKey}` } = what;
  return await send({
    url: `${portal.url}/api/2.0/${path}`,
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: {
      ...(authorization === null ? {} : { Authorization: authorization }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...what.headers,
    },
  });
}

/** One request without following redirects. */
export async function send(input: {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}): Promise<Answered> {
  const { url, method = 'GET', headers = {}, body } = input;
  const answer = await request(url, { method, headers, body: body ?? null });
  const text = await answer.body.text();
  const isJson = String(answer.headers['content-type']).includes('json');
  const { statusCode: status } = answer;
  return { status, headers: answer.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

export type Received = {
  readonly method: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into bodies of many shapes
  readonly json: any;
};
type ReceiverAnswer =
  | number
  | 'hang'
  | 'reset'
  | { readonly status: number; readonly location: string };
export type Receiver = {
  readonly url: string;
  /** The POSTs, in order of arrival. */
  readonly received: Received[];
  readonly probes: Received[];
  /** How each request is answered; 200 at first. */
  answer: (received: Received) => ReceiverAnswer | Promise<ReceiverAnswer>;
};

/** An endpoint for webhooks on loopback; it stops when the test ends. */
export async function receiverForTest(): Promise<Receiver> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', async () => {
      const received = seen(incoming, Buffer.concat(chunks).toString());
      (received.method === 'HEAD' ? receiver.probes : receiver.received).push(received);
      const answer = await receiver.answer(received);
      if (answer === 'hang') return;
      if (answer === 'reset') incoming.socket.destroy();
      else if (typeof answer === 'number') outgoing.writeHead(answer).end();
      else outgoing.writeHead(answer.status, { Location: answer.location }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port.');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${address.port}/hook`,
    received: [],
    probes: [],
    answer: () => 200,
  };
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return receiver;
}

function seen(incoming: IncomingMessage, body: string): Received {
  const { method = '', rawHeaders, headers } = incoming;
  return { method, rawHeaders, headers, body, json: body === '' ? undefined : JSON.parse(body) };
}

/** Registers a webhook at `receiver` with all four user events; returns its id. */
export function registerWebhook(input: {
  readonly portal: Portal;
  readonly receiver: Receiver;
  readonly apiKey?: string;
  readonly settings?: Partial<WebhookSettings> & { readonly targetId?: string };
}): Promise<number> {
  const { portal, receiver, settings, apiKey = portal.apiKey } = input;
  return registerAtPortal(
    { url: portal.url, apiKey },
    { name: 'Welcome service', uri: receiver.url, secretKey: SECRET, ...settings },
  );
}

export async function portalWithWebhook(options: PortalOptions = {}) {
  const portal = await portalForTest(options);
  const receiver = await receiverForTest();
  const webhookId = await registerWebhook({ portal, receiver });
  return { portal, receiver, webhookId };
}

/** All that was due has been delivered, or has failed. */
export async function delivered(portal: Portal, label: string): Promise<void> {
  await portal.control.deliveriesIdle({ deadlineMs: 5_000, label });
}

/** Waits until `check` holds; fails with `label` after five seconds. */
export async function until(label: string, check: () => boolean): Promise<void> {
  const deadlineAt = Date.now() + 5_000;
  while (!check()) {
    if (Date.now() > deadlineAt) throw new Error(`Waited 5 s in vain: ${label}.`);
    await sleep(2);
  }
}

/** The open link of `type`, as the owner gets it. */
export async function openLink(portal: Portal, type = 'User'): Promise<string> {
  return (await call(portal, { path: `portal/users/invite/${type}` })).json.response;
}

export async function registerByLink(portal: Portal, email: string): Promise<string> {
  const link = await openLink(portal);
  return portal.control.register({ link, email, firstName: 'Bob', lastName: 'Stone' });
}

/** Invites by e-mail and returns the link of the letter. */
export async function inviteByEmail(portal: Portal, email: string, type = 'User'): Promise<string> {
  const body = { invitations: [{ email, type }] };
  await call(portal, { method: 'POST', path: 'people/invite', body });
  const letter = portal.control.letters().findLast(({ to }) => to === email);
  if (letter?.link === undefined) throw new Error(`No invitation letter went to ${email}.`);
  return letter.link;
}

/** Whether the signature is the HMAC of the bytes in upper-case hex (docs/docspace-wire.md 7.3). */
export function isSigned({ body, headers }: Received): boolean {
  const hmac = createHmac('sha256', SECRET).update(body).digest('hex').toUpperCase();
  return headers['x-docspace-signature-256'] === `sha256=${hmac}`;
}
