import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Outcome } from '../domain/outcome.ts';
import { createGate } from './backoff.ts';
import {
  type Exchange,
  isPassing,
  outcomeOf,
  type Read,
  troubleOf,
  unwritten,
  type Written,
} from './classify.ts';
import { type Invited, invitationLink, inviteByEmail, remailInvitation } from './invitations.ts';
import {
  type JournalRow,
  type PeoplePage,
  type PeopleQuery,
  type PortalWebhook,
  peoplePage,
  undeliveredRows,
  webhooks,
} from './lists.ts';
import type { PortalCall } from './portal-call.ts';
import { type Employee, employeeSchema, type PortalUser, portalUserSchema } from './schemas.ts';
import { createTransport, type PortalRequest } from './transport.ts';

/** The portal's API, as far as this service uses it. One pool, one set of limits. */
export type PortalClient = {
  /** `GET portal/users/{id}`: the truth about one member (wire 5). */
  readonly user: (userId: string) => Promise<Read<PortalUser>>;
  /** `GET people/{id}`: the flags that tell a person's type (wire 9.2). */
  readonly employee: (userId: string) => Promise<Read<Employee>>;
  /** `GET people/email`: who has this address (wire 9.1). */
  readonly employeeByEmail: (email: string) => Promise<Read<Employee>>;
  /** `GET people/@self`: the account of the API key (wire 1.4). */
  readonly self: () => Promise<Read<Employee>>;
  /** `GET people/filter`: a page of people (wire 9.1). */
  readonly people: (query: PeopleQuery) => Promise<Read<PeoplePage>>;
  /** `GET settings/webhook` (wire 7.1). */
  readonly webhooks: () => Promise<Read<readonly PortalWebhook[]>>;
  /** `PUT settings/webhook`: every field is overwritten, so every field is given (wire 7.1). */
  readonly updateWebhook: (
    webhook: PortalWebhook & { secretKey: string },
  ) => Promise<Written<null>>;
  /** `POST settings/webhook`; the portal probes the address first, with HEAD (wire 7.1). */
  readonly createWebhook: (
    webhook: Omit<PortalWebhook, 'id'> & { secretKey: string },
  ) => Promise<Written<{ readonly id: number }>>;
  /** `GET settings/webhooks/log`: what was not delivered, newest first (wire 9.4). */
  readonly undelivered: (query: {
    readonly webhookId: number;
    readonly startIndex: number;
  }) => Promise<Read<readonly JournalRow[]>>;
  readonly invitationLink: (employeeType: string) => Promise<Invited<string>>;
  readonly inviteByEmail: (email: string, employeeType: string) => Promise<Invited<null>>;
  /** Asked for in one request; half of it may have happened when it fails (wire 4). */
  readonly inviteManyByEmail: (
    invitations: readonly { readonly email: string; readonly type: string }[],
  ) => Promise<Invited<null>>;
  readonly remailInvitation: (userId: string) => Promise<Invited<null>>;
  /** `POST portal/sendcongratulations`, never repeated here (wire 6). */
  readonly sendCongratulations: (userId: string, key: string) => Promise<Outcome>;
  /** How long the portal asked to be left alone, in ms from now; 0: not at all. */
  readonly closedForMs: () => number;
  /** The same as UTC ms, as long as the portal said; null: not at all. */
  readonly askedUntil: () => number | null;
  /** Ends that wait, and pauses between repetitions, at once. */
  readonly hurry: () => void;
  readonly close: () => Promise<void>;
};

/**
 * Made once: zod compiles a schema at its first use, which costs ten times the parsing of one user.
 */
type Envelope<T> = z.ZodType<{ readonly response: T }>;
const userEnvelope = z.object({ response: portalUserSchema });
const employeeEnvelope = z.object({ response: employeeSchema });
const madeEnvelope = z.object({ response: z.object({ id: z.int() }) });

/** How often a read is repeated, and how long all of it may take at most. */
const readTries = 3;
const readTotalMs = 30_000;
const firstPauseMs = 250;

/**
 * @param timeoutMs of one request; a read may take `readTotalMs` with its repetitions
 * @param random 0 to 1, for the jitter between repetitions
 */
export function createPortalClient(options: {
  readonly origin: string;
  readonly apiKey: string;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onCall?: ((call: PortalCall) => void) | undefined;
}): PortalClient {
  const { clock } = options;
  const transport = createTransport({ ...options, connections: options.concurrency });
  const gate = createGate(clock);
  let isClosed = false;

  async function exchange(request: PortalRequest): Promise<Exchange> {
    if (gate.closedForMs() > 0) {
      return {
        kind: 'failed',
        left: false,
        detail: 'the portal asked to be left alone for a while',
      };
    }
    const answer = await transport.exchange(request);
    gate.saw(answer);
    return answer;
  }

  /** Reads are safe to repeat: backoff with full jitter, the total bounded (design). */
  async function read(path: string): Promise<Exchange> {
    const giveUpAt = clock.now() + readTotalMs;
    for (let turn = 1; ; turn += 1) {
      const answer = await exchange({ method: 'GET', path });
      const pauseMs = options.random() * firstPauseMs * 2 ** turn;
      if (!isPassing(answer) || gate.closedForMs() > 0) return answer;
      if (isClosed || turn === readTries || clock.now() + pauseMs > giveUpAt) return answer;
      await gate.rest(pauseMs);
    }
  }

  async function readWhole<T>(path: string, schema: z.ZodType<T>): Promise<Read<T>> {
    const answer = await read(path);
    if (answer.kind === 'answered') {
      if (answer.status === 404) return { kind: 'missing' };
      if (answer.status === 403) return { kind: 'hidden' };
      if (answer.status === 200) return parse(answer.body, schema);
    }
    return troubleOf(answer);
  }

  async function readOne<T>(path: string, envelope: Envelope<T>): Promise<Read<T>> {
    const whole = await readWhole(path, envelope);
    return whole.kind === 'ok' ? { kind: 'ok', value: whole.value.response } : whole;
  }

  return {
    async user(userId) {
      const read = await readOne(`portal/users/${userId}`, userEnvelope);
      if (read.kind !== 'ok' || read.value.id === userId) return read;
      return { kind: 'trouble', detail: 'the portal answered with another user', waitMs: null };
    },
    employee: (userId) => readOne(`people/${userId}`, employeeEnvelope),
    employeeByEmail: (email) =>
      readOne(`people/email?email=${encodeURIComponent(email)}`, employeeEnvelope),
    self: () => readOne('people/@self', employeeEnvelope),
    people: (query) => peoplePage(readWhole, query),
    webhooks: () => webhooks(readWhole),
    undelivered: (query) => undeliveredRows(readWhole, query),
    async updateWebhook(webhook) {
      const answer = await exchange({ method: 'PUT', path: 'settings/webhook', body: webhook });
      const isDone = answer.kind === 'answered' && answer.status === 200;
      return isDone ? { kind: 'ok', value: null } : unwritten(answer);
    },
    async createWebhook(webhook) {
      const answer = await exchange({ method: 'POST', path: 'settings/webhook', body: webhook });
      if (answer.kind !== 'answered' || answer.status !== 200) return unwritten(answer);
      const made = parse(answer.body, madeEnvelope);
      return made.kind === 'ok' ? { kind: 'ok', value: made.value.response } : unwritten(answer);
    },
    invitationLink: (employeeType) => invitationLink(read, employeeType),
    inviteByEmail: (email, employeeType) =>
      inviteByEmail(exchange, [{ email, type: employeeType }]),
    inviteManyByEmail: (invitations) => inviteByEmail(exchange, invitations),
    remailInvitation: (userId) => remailInvitation(exchange, userId),
    async sendCongratulations(userId, key) {
      const query = new URLSearchParams({ Userid: userId, Key: key });
      const path = `portal/sendcongratulations?${query}`;
      return outcomeOf(await exchange({ method: 'POST', path, anonymous: true }));
    },
    closedForMs: gate.closedForMs,
    askedUntil: gate.askedUntil,
    hurry: gate.open,
    close() {
      isClosed = true;
      gate.open();
      return transport.close();
    },
  };
}

function parse<T>(body: string, schema: z.ZodType<T>): Read<T> {
  try {
    const read = schema.safeParse(JSON.parse(body));
    if (read.success) return { kind: 'ok', value: read.data };
  } catch {
    // Not JSON: the same trouble as JSON of another shape.
  }
  return { kind: 'trouble', detail: 'the portal answered something unreadable', waitMs: null };
}
