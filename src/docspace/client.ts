import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { EmployeeType } from '../domain/vocabulary.ts';
import { type CallKind, callKinds, createBackoff } from './backoff.ts';
import {
  failedWrite,
  isWorthRepeating,
  outcomeOf,
  type PortalAnswer,
  type ReadResult,
  readResultOf,
  type WriteResult,
} from './classify.ts';
import {
  type InviteAnswer,
  invitationLink,
  inviteByEmail,
  remailInvitation,
} from './invitations.ts';
import { type PeoplePage, type PeopleQuery, peoplePage } from './people.ts';
import {
  type ApiKey,
  apiKeySchema,
  type Employee,
  employeeSchema,
  lostUserId,
  type PortalUser,
  portalSettingsSchema,
  portalUserSchema,
} from './schemas.ts';
import { createTransport, type PortalCall, type PortalRequest } from './transport.ts';
import { type JournalRow, listWebhooks, type PortalWebhook, undeliveredRows } from './webhooks.ts';

/** The portal's API, as far as this service uses it. One pool, one set of limits. */
export type PortalClient = {
  /** `GET portal/users/{id}`: the truth about one member (docs/docspace-wire.md 5). */
  readonly user: (userId: string) => Promise<ReadResult<PortalUser>>;
  /** `GET people/{id}`: the flags that tell a person's type (docs/docspace-wire.md 9.2). */
  readonly employee: (userId: string) => Promise<ReadResult<Employee>>;
  /** `GET people/email`: who has this address (docs/docspace-wire.md 9.1). */
  readonly employeeByEmail: (email: string) => Promise<ReadResult<Employee>>;
  /** `GET people/@self`: the account of the API key (docs/docspace-wire.md 1.4). */
  readonly self: () => Promise<ReadResult<Employee>>;
  /** `GET keys/@self`: the API key itself; only a `Bearer` key can ask (docs/docspace-wire.md 1.4). */
  readonly ownKey: () => Promise<ReadResult<ApiKey>>;
  /** `GET settings`: the portal's own language; null where it says none. */
  readonly culture: () => Promise<ReadResult<string | null>>;
  /** `GET people/filter`: a page of people (docs/docspace-wire.md 9.1). */
  readonly people: (query: PeopleQuery) => Promise<ReadResult<PeoplePage>>;
  /** `GET settings/webhook` (docs/docspace-wire.md 7.1). */
  readonly webhooks: () => Promise<ReadResult<readonly PortalWebhook[]>>;
  /** `PUT settings/webhook`: overwrites every field (docs/docspace-wire.md 7.1). */
  readonly updateWebhook: (webhook: WebhookChange) => Promise<WriteResult<null>>;
  /** `POST settings/webhook`; the portal probes the address first, with HEAD (docs/docspace-wire.md 7.1). */
  readonly createWebhook: (
    webhook: Omit<WebhookChange, 'id'>,
  ) => Promise<WriteResult<{ readonly id: number }>>;
  /** `GET settings/webhooks/log`: what was not delivered, newest first (docs/docspace-wire.md 9.4). */
  readonly undelivered: (query: {
    readonly webhookId: number;
    readonly startIndex: number;
  }) => Promise<ReadResult<readonly JournalRow[]>>;
  readonly invitationLink: (employeeType: EmployeeType) => Promise<InviteAnswer<string>>;
  readonly inviteByEmail: (
    email: string,
    employeeType: EmployeeType,
  ) => Promise<InviteAnswer<null>>;
  /** One request for several people; half of it may have happened when it fails (docs/docspace-wire.md 4). */
  readonly inviteManyByEmail: (
    invitations: readonly { readonly email: string; readonly type: EmployeeType }[],
  ) => Promise<InviteAnswer<null>>;
  readonly remailInvitation: (userId: string) => Promise<InviteAnswer<null>>;
  /** `POST portal/sendcongratulations`, never repeated here (docs/docspace-wire.md 6). */
  readonly sendCongratulations: (userId: string, key: string) => Promise<Outcome>;
  /**
   * How long no request may be sent, because the portal asked to wait; ms from now, 0: not at all.
   * @param kind left out: the longest wait of all kinds
   */
  readonly backoffMs: (kind?: CallKind) => number;
  /** Until when the portal asked to wait (UTC ms), however long; null: not at all. */
  readonly backoffUntil: () => number | null;
  /** Ends that wait, and the pauses between repetitions, at once. */
  readonly cancelBackoff: () => void;
  /** How far the portal's clock is ahead of ours by its last answer, in ms; null before the first. */
  readonly clockDifferenceMs: () => number | null;
  /** The time by the portal's clock, UTC ms, to the second; ours before its first answer. */
  readonly portalNow: () => number;
  readonly close: () => Promise<void>;
};

/** Every field is given, because the portal takes an absent one for its default. */
type WebhookChange = Pick<
  PortalWebhook,
  'id' | 'name' | 'uri' | 'enabled' | 'ssl' | 'triggers' | 'targetId'
> & { readonly secretKey: string };

/** Made once, because zod compiles a schema at its first use. */
const userEnvelope = z.object({ response: portalUserSchema });
const employeeEnvelope = z.object({ response: employeeSchema });
const keyEnvelope = z.object({ response: apiKeySchema });
const settingsEnvelope = z.object({ response: portalSettingsSchema });
const madeEnvelope = z.object({ response: z.object({ id: z.int() }) });

/** How often a read is tried, and how long all tries may take. */
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
  const backoff = createBackoff(clock);
  let clockDifferenceMs: number | null = null;
  let isClosed = false;

  async function exchange(request: PortalRequest): Promise<PortalAnswer> {
    const kind = kindOf(request);
    if (backoff.remainingMs(kind) > 0) {
      return { kind: 'failed', left: false, fault: { code: 'portal_rate_limited' } };
    }
    const answer = await transport.exchange(request);
    if (answer.kind === 'answered' && answer.clockDifferenceMs !== null) {
      clockDifferenceMs = answer.clockDifferenceMs;
    }
    backoff.note(kind, answer);
    return answer;
  }

  /** Reads are safe to repeat: with growing random pauses, within `readTotalMs`. */
  async function read(path: string, maxBodyBytes?: number): Promise<PortalAnswer> {
    const limit = maxBodyBytes === undefined ? {} : { maxBodyBytes };
    const giveUpAt = clock.now() + readTotalMs;
    for (let turn = 1; ; turn += 1) {
      const answer = await exchange({ method: 'GET', path, ...limit });
      const pauseMs = options.random() * firstPauseMs * 2 ** turn;
      if (!isWorthRepeating(answer) || backoff.remainingMs('read') > 0) return answer;
      if (isClosed || turn === readTries || clock.now() + pauseMs > giveUpAt) return answer;
      await backoff.pause(pauseMs);
    }
  }

  async function readWhole<T>(path: string, schema: z.ZodType<T>, maxBodyBytes?: number) {
    return readResultOf(await read(path, maxBodyBytes), schema);
  }

  async function readOne<T>(
    path: string,
    envelope: z.ZodType<{ readonly response: T }>,
  ): Promise<ReadResult<T>> {
    const whole = await readWhole(path, envelope);
    return whole.kind === 'ok' ? { kind: 'ok', value: whole.value.response } : whole;
  }

  async function user(userId: string): Promise<ReadResult<PortalUser>> {
    const result = await readOne(`portal/users/${userId}`, userEnvelope);
    if (result.kind !== 'ok' || result.value.id === userId) return result;
    if (result.value.id === lostUserId) return { kind: 'missing' };
    return { kind: 'trouble', fault: { code: 'portal_answered_other_user' }, waitMs: null };
  }

  async function employeeByEmail(email: string): Promise<ReadResult<Employee>> {
    const answer = await read(`people/email?email=${encodeURIComponent(email)}`);
    // Text that the portal does not take for an address is nobody's address.
    const isNoAddress =
      answer.kind === 'answered' && answer.status === 400 && answer.body.form === 'validation';
    if (isNoAddress) return { kind: 'missing' };
    const result = readResultOf(answer, employeeEnvelope);
    return result.kind === 'ok' ? { kind: 'ok', value: result.value.response } : result;
  }

  async function updateWebhook(webhook: WebhookChange): Promise<WriteResult<null>> {
    const answer = await exchange({ method: 'PUT', path: 'settings/webhook', body: webhook });
    return isSuccess(answer) ? { kind: 'ok', value: null } : failedWrite(answer);
  }

  async function createWebhook(
    webhook: Omit<WebhookChange, 'id'>,
  ): Promise<WriteResult<{ readonly id: number }>> {
    const answer = await exchange({ method: 'POST', path: 'settings/webhook', body: webhook });
    if (!isSuccess(answer)) return failedWrite(answer);
    const made = readResultOf(answer, madeEnvelope);
    if (made.kind === 'ok') return { kind: 'ok', value: made.value.response };
    return { kind: 'trouble', fault: { code: 'portal_answer_unreadable' } };
  }

  async function sendCongratulations(userId: string, key: string): Promise<Outcome> {
    const query = new URLSearchParams({ Userid: userId, Key: key });
    const path = `portal/sendcongratulations?${query}`;
    return outcomeOf(await exchange({ method: 'POST', path, anonymous: true }));
  }

  return {
    user,
    employee: (userId) => readOne(`people/${userId}`, employeeEnvelope),
    employeeByEmail,
    self: () => readOne('people/@self', employeeEnvelope),
    ownKey: () => readOne('keys/@self', keyEnvelope),
    async culture() {
      const settings = await readOne('settings', settingsEnvelope);
      if (settings.kind !== 'ok') return settings;
      return { kind: 'ok', value: settings.value.culture ?? null };
    },
    people: (query) => peoplePage(readWhole, query),
    webhooks: () => listWebhooks(readWhole),
    undelivered: (query) => undeliveredRows(readWhole, query),
    updateWebhook,
    createWebhook,
    invitationLink: (employeeType) => invitationLink(read, employeeType),
    inviteByEmail: (email, type) => inviteByEmail(exchange, [{ email, type }]),
    inviteManyByEmail: (invitations) => inviteByEmail(exchange, invitations),
    remailInvitation: (userId) => remailInvitation(exchange, userId),
    sendCongratulations,
    backoffMs: (kind) => Math.max(...(kind ? [kind] : callKinds).map(backoff.remainingMs)),
    backoffUntil: backoff.until,
    cancelBackoff: backoff.cancel,
    clockDifferenceMs: () => clockDifferenceMs,
    portalNow: () => clock.now() + (clockDifferenceMs ?? 0),
    close() {
      isClosed = true;
      backoff.cancel();
      return transport.close();
    },
  };
}

function kindOf({ method, path }: PortalRequest): CallKind {
  if (method === 'GET') return 'read';
  return path.startsWith('portal/sendcongratulations') ? 'welcome' : 'sensitive';
}

function isSuccess(answer: PortalAnswer): boolean {
  return answer.kind === 'answered' && answer.status === 200 && answer.body.form === 'success';
}
