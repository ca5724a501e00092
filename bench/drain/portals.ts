import { createServer } from 'node:http';
import { request } from 'undici';
import { kindOptions, type Portal, startPortal } from '../../simulator/portal.ts';

/** A portal with activated people in this process, on the core of the load. */
export type PortalWithPeople = {
  readonly url: string;
  readonly apiKey: string;
  readonly people: readonly { readonly userId: string; readonly email: string }[];
  /** Each congratulation with its user and time (UTC ms). */
  readonly congratulated: () => readonly { readonly userId: string; readonly at: number }[];
  /** The number of requests so far. */
  readonly requests: () => number;
  readonly stop: () => Promise<void>;
};

/** The simulated portal of the tests and the demo. It answers each request after `latencyMs`. */
export async function startSimulation(
  count: number,
  latencyMs: number,
): Promise<PortalWithPeople & { readonly portal: Portal }> {
  const portal = await startPortal(kindOptions);
  const people = portal.control
    .seedPeople({ count, email: addressOf })
    .map((userId, index) => ({ userId, email: addressOf(index) }));
  if (latencyMs > 0) {
    portal.control.interfere({ on: () => true, act: { kind: 'delay', ms: latencyMs } });
  }
  return {
    portal,
    url: portal.url,
    apiKey: portal.apiKey,
    people,
    congratulated: portal.control.congratulations,
    requests: () => portal.control.requests().length,
    stop: portal.stop,
  };
}

/**
 * Answers with the same bytes as the simulated portal but does nothing else, so that mainly the
 * cost of the client is measured. The simulated portal checks credentials, records requests and
 * parses bodies.
 */
export async function startStandIn(count: number): Promise<PortalWithPeople> {
  const simulation = await startSimulation(count, 0);
  const { apiKey, people, portal } = simulation;
  const ask = async (path: string) => {
    const headers = { authorization: `Bearer ${apiKey}` };
    return (await request(`${portal.url}${path}`, { headers })).body.text();
  };
  const sample = people[0] ?? { userId: '', email: '' };
  const sampleAnswer = await ask(`/api/2.0/portal/users/${sample.userId}`);
  const self = await ask('/api/2.0/people/@self');
  const owner = await ask(`/api/2.0/portal/users/${portal.accountId}`);
  await simulation.stop();
  const emails = new Map(people.map(({ userId, email }) => [userId, email]));
  const congratulated: { userId: string; at: number }[] = [];
  let requests = 0;
  const answerTo = (path: string): string => {
    requests += 1;
    if (path.startsWith(congratulation)) {
      const userId = path.slice(congratulation.length, congratulation.length + 36);
      congratulated.push({ userId, at: Date.now() });
      return '{"count":0,"links":[],"status":0,"statusCode":200}';
    }
    const userId = path.slice(-36);
    const email = emails.get(userId);
    if (email === undefined) return path.endsWith('@self') ? self : owner;
    return sampleAnswer.replaceAll(sample.userId, userId).replaceAll(sample.email, email);
  };
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    const body = answerTo(incoming.url ?? '');
    outgoing.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    });
    outgoing.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    apiKey,
    people,
    congratulated: () => congratulated,
    requests: () => requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const congratulation = '/api/2.0/portal/sendcongratulations?Userid=';

function addressOf(index: number): string {
  return `person${index}@bench.example`;
}
