import pLimit from 'p-limit';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { InvitationSwitches } from '../domain/invitation-permissions.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { EmployeeType } from '../domain/vocabulary.ts';
import { isSameAddress } from './address.ts';
import { type CallKind, callKinds, createBackoff, createInvitationDay } from './backoff.ts';
import {
  failedWrite,
  isWorthRepeating,
  outcomeOf,
  type PortalAnswer,
  type ReadResult,
  type ReadWhole,
  readResultOf,
  type WriteResult,
} from './classify.ts';
import {
  type InviteAnswer,
  invitationLink,
  inviteByEmail,
  remailInvitations,
} from './invitations.ts';
import { type PeoplePage, type PeopleQuery, peoplePage } from './people.ts';
import {
  type ApiKey,
  type Employee,
  employeeEnvelope,
  envelope,
  invitationSwitchesSchema,
  keyEnvelope,
  lostUserId,
  type PortalUser,
  portalSettingsSchema,
  userEnvelope,
} from './schemas.ts';
import { createTransport, type PortalCall, type PortalRequest } from './transport.ts';
import { type JournalRow, listWebhooks, type PortalWebhook, undeliveredRows } from './webhooks.ts';

/** The requests of this service to the portal's API. All share one pool and one set of limits. */
export type PortalClient = {
  /** `GET portal/users/{id}`: the current state of one user (docs/docspace-wire.md 5). */
  readonly user: (userId: string) => Promise<ReadResult<PortalUser>>;
  /** `GET people/{id}`: the flags that tell a person's type (docs/docspace-wire.md 9.2). */
  readonly employee: (userId: string) => Promise<ReadResult<Employee>>;
  /** `GET people/email`: the person with this address (docs/docspace-wire.md 9.1). */
  readonly employeeByEmail: (email: string) => Promise<ByEmail>;
  /** `GET people/@self`: the account of the API key (docs/docspace-wire.md 1.4). */
  readonly self: () => Promise<ReadResult<Employee>>;
  /** `GET keys/@self`: the API key itself; only a `Bearer` key can ask (docs/docspace-wire.md 1.4). */
  readonly ownKey: () => Promise<ReadResult<ApiKey>>;
  /** `GET settings`: the portal's own language. Null if it has none. */
  readonly culture: () => Promise<ReadResult<string | null>>;
  /** `GET people/filter`: a page of people (docs/docspace-wire.md 9.1). */
  readonly people: (query: PeopleQuery) => Promise<ReadResult<PeoplePage>>;
  /** `GET settings/webhook` (docs/docspace-wire.md 7.1). */
  readonly webhooks: () => Promise<ReadResult<readonly PortalWebhook[]>>;
  /** `PUT settings/webhook`: overwrites every field (docs/docspace-wire.md 7.1). */
  readonly updateWebhook: (webhook: WebhookChange) => Promise<WriteResult<null>>;
  /** `POST settings/webhook`. The portal first sends HEAD to the address (docs/docspace-wire.md 7.1). */
  readonly createWebhook: (
    webhook: Omit<WebhookChange, 'id'>,
  ) => Promise<WriteResult<{ readonly id: number }>>;
  /** `GET settings/webhooks/log`: undelivered events, newest first (docs/docspace-wire.md 9.4). */
  readonly undelivered: (query: {
    readonly webhookId: number;
    readonly startIndex: number;
  }) => Promise<ReadResult<readonly JournalRow[]>>;
  /** `GET settings/invitationsettings`, never repeated. `missing`: older releases lack this route. */
  readonly invitationSwitches: () => Promise<ReadResult<InvitationSwitches>>;
  readonly invitationLink: (employeeType: EmployeeType) => Promise<InviteAnswer<string>>;
  /**
   * Invites one or several people in one request. If the request fails, some of them may have been
   * invited (docs/docspace-wire.md 4). Only one such request runs at a time, because two at the same
   * time may choose the same user name (docs/docspace-wire.md 13.2 number 1).
   */
  readonly inviteByEmail: (
    invitations: readonly { readonly email: string; readonly type: EmployeeType }[],
  ) => Promise<InviteAnswer<null>>;
  /** How many addresses one request may contain, as the portal's answers show. Null if not known. */
  readonly addressesAllowed: () => number | null;
  readonly remailInvitations: (userIds: readonly string[]) => Promise<InviteAnswer<null>>;
  /** `POST portal/sendcongratulations`. The client never repeats it (docs/docspace-wire.md 6). */
  readonly sendCongratulations: (userId: string, key: string) => Promise<Outcome>;
  /**
   * How long no request may be sent because the portal asked to wait, in ms from now. 0 if requests
   * may be sent.
   * @param kind if left out, the longest wait of all kinds counts
   */
  readonly backoffMs: (kind?: CallKind) => number;
  /**
   * Until when the portal asked to wait (UTC ms), even if that is longer than this client waits.
   * Null if requests may be sent.
   * @param kind if left out, the longest wait of all kinds counts
   */
  readonly backoffUntil: (kind?: CallKind) => number | null;
  /** Ends every wait that the portal asked for, and every pause before a repeated request. */
  readonly cancelBackoff: () => void;
  /** The most requests at a time: this replica's share of `concurrency`. */
  readonly share: () => number;
  readonly setShare: (requests: number) => void;
  /** How far the portal's clock is ahead of ours, in ms. Null before the first answer with a `Date`. */
  readonly clockDifferenceMs: () => number | null;
  /** The time by the portal's clock (UTC ms, correct to about a second). At first it is our own time. */
  readonly portalNow: () => number;
  readonly close: () => Promise<void>;
};

/** `other`: the portal's database confused two addresses (docs/docspace-wire.md 13.6). */
export type ByEmail =
  | ReadResult<Employee>
  | { readonly kind: 'other'; readonly asked: string; readonly found: string };

/** All fields are required, because the portal replaces a missing one by its default. */
type WebhookChange = Pick<
  PortalWebhook,
  'id' | 'name' | 'uri' | 'enabled' | 'ssl' | 'triggers' | 'targetId'
> & { readonly secretKey: string };

const settingsEnvelope = envelope(portalSettingsSchema);
const switchesEnvelope = envelope(invitationSwitchesSchema);
const madeEnvelope = envelope(z.object({ id: z.int() }));

/** How often a read is tried. After `readTotalMs`, no further try begins. */
const readTries = 3;
const readTotalMs = 30_000;
const firstPauseMs = 250;
/** How often an invitation is tried if another registration takes its user name (`invite`). */
const nameTries = 5;
/**
 * At most this many writes run at a time after the portal has answered 429. The portal allows 15 for one
 * account (docs/docspace-wire.md 10), and an admin may use that account, too.
 */
const limitedWrites = 12;
/** If no 429 came for this time, one more write at a time is allowed. */
const quietMs = 60_000;
/**
 * A request that waited longer for its turn is not sent. This time and the time limit of the request are
 * together shorter than the lease of an attempt, after which a welcome counts as unknown.
 */
const longestQueueMs = 60_000;

const serviceStopping = { code: 'service_stopping' } as const;

type ClientOptions = {
  readonly origin: string;
  readonly apiKey: string;
  readonly concurrency: number;
  /**
   * How long the portal may be silent during one request. The whole request may take twice as long, and
   * a read may consist of several requests (`readTries`).
   */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** A number from 0 to 1, for random pauses between repetitions. */
  readonly random: () => number;
  readonly onCall?: ((call: PortalCall) => void) | undefined;
};

export function createPortalClient(options: ClientOptions): PortalClient {
  const caller = createCaller(options);
  const { exchange, read, backoff } = caller;
  const oneInvitation = pLimit(1);

  const readWhole: ReadWhole = async (path, schema, maxBodyBytes) =>
    readResultOf(await read(path, maxBodyBytes), schema);

  /**
   * Invites. If somebody who registers by a link takes the user name that the portal has just chosen,
   * the request is repeated and gets another name. Repeating is safe, because the portal mails nothing
   * to people whom it has already invited.
   */
  async function invite(
    invitations: Parameters<PortalClient['inviteByEmail']>[0],
  ): Promise<InviteAnswer<null>> {
    for (let turn = 1; ; turn += 1) {
      const answer = await inviteByEmail(exchange, invitations);
      const isTaken = answer.kind === 'trouble' && answer.fault.code === 'portal_name_taken';
      if (!isTaken || caller.isClosed() || turn === nameTries) return answer;
      await backoff.pause(options.random() * firstPauseMs * turn);
    }
  }

  async function sendCongratulations(userId: string, key: string): Promise<Outcome> {
    const query = new URLSearchParams({ Userid: userId, Key: key });
    const path = `portal/sendcongratulations?${query}`;
    return outcomeOf(await exchange({ method: 'POST', path, anonymous: true }));
  }

  return {
    ...singleReads(read),
    people: (query) => peoplePage(readWhole, query),
    webhooks: () => listWebhooks(readWhole),
    undelivered: (query) => undeliveredRows(readWhole, query),
    ...webhookWrites(exchange),
    async invitationSwitches() {
      const path = 'settings/invitationsettings';
      const answer = await exchange({ method: 'GET', path, anonymous: true });
      const result = readResultOf(answer, switchesEnvelope);
      return result.kind === 'ok' ? { kind: 'ok', value: result.value.response } : result;
    },
    invitationLink: (employeeType) => invitationLink(read, employeeType),
    inviteByEmail: (invitations) => oneInvitation(() => invite(invitations)),
    addressesAllowed: caller.addressesAllowed,
    remailInvitations: (userIds) => remailInvitations(exchange, userIds),
    sendCongratulations,
    backoffMs: (kind) => Math.max(...(kind ? [kind] : callKinds).map(backoff.remainingMs)),
    backoffUntil: backoff.until,
    cancelBackoff: backoff.cancel,
    share: caller.share,
    setShare: caller.setShare,
    clockDifferenceMs: caller.clockDifferenceMs,
    portalNow: () => options.clock.now() + (caller.clockDifferenceMs() ?? 0),
    close: caller.close,
  };
}

type Caller = ReturnType<typeof createCaller>;

/** Sends requests, and remembers what the answers say about waits, limits and the portal's clock. */
function createCaller({ clock, random, ...options }: ClientOptions) {
  const transport = createTransport({ ...options, clock, connections: options.concurrency });
  const backoff = createBackoff(clock);
  const all = pLimit(options.concurrency);
  const writes = pLimit(options.concurrency);
  /** When `writes.concurrency` last changed, or a write last got a 429 (`clock.elapsed`). */
  let writesChangedAt = 0;
  let clockDifferenceMs: number | null = null;
  const day = createInvitationDay(clock);
  let addressesAllowed: number | null = null;
  let isClosed = false;

  async function exchange(request: PortalRequest): Promise<PortalAnswer> {
    const kind = kindOf(request);
    const askedAt = clock.elapsed();
    const send = () =>
      all(async (): Promise<PortalAnswer> => {
        if (backoff.remainingMs(kind) > 0) return notSent('portal_rate_limited');
        if (clock.elapsed() - askedAt > longestQueueMs) return notSent('portal_queue_timed_out');
        return transport.exchange(request);
      });
    const received = await (request.method === 'GET' ? send() : write(send));
    const isCut = isClosed && received.kind === 'failed';
    const answer = isCut ? { ...received, fault: serviceStopping } : received;
    if (answer.kind === 'answered' && answer.clockDifferenceMs !== null) {
      clockDifferenceMs = answer.clockDifferenceMs;
    }
    const { addresses } = request;
    if (addresses !== undefined) day.note(addresses, answer);
    if (addresses === undefined || !mayAskForFewer(answer)) backoff.note(kind, answer);
    return answer;
  }

  /**
   * Sends a write as soon as fewer writes than the limit are running. A 429 lowers the limit. A write
   * that begins after a quiet minute raises the limit by one.
   */
  async function write(send: () => Promise<PortalAnswer>): Promise<PortalAnswer> {
    const isQuiet = clock.elapsed() - writesChangedAt >= quietMs;
    if (isQuiet && writes.concurrency < options.concurrency) {
      writes.concurrency += 1;
      writesChangedAt = clock.elapsed();
    }
    const answer = await writes(send);
    if (answer.kind === 'answered' && answer.status === 429) {
      writes.concurrency = Math.min(writes.concurrency, limitedWrites);
      writesChangedAt = clock.elapsed();
    }
    return answer;
  }

  /**
   * Notes how many addresses the portal still allows (null if the answer does not say it).
   * @returns true if the portal refused this request only because it contains more addresses; then other
   *   requests need not wait
   */
  function mayAskForFewer(answer: PortalAnswer): boolean {
    const allowed = answer.kind === 'answered' ? (answer.allowedUnits ?? 0) : 0;
    addressesAllowed = allowed > 0 ? allowed : null;
    return answer.kind === 'answered' && answer.status === 429 && allowed > 0;
  }

  /** Reads, and repeats a read that failed. The pauses are random and grow (see `readTries`). */
  async function read(path: string, maxBodyBytes?: number): Promise<PortalAnswer> {
    const limit = maxBodyBytes === undefined ? {} : { maxBodyBytes };
    const giveUpAt = clock.elapsed() + readTotalMs;
    for (let turn = 1; ; turn += 1) {
      const answer = await exchange({ method: 'GET', path, ...limit });
      const pauseMs = random() * firstPauseMs * 2 ** turn;
      if (!isWorthRepeating(answer) || backoff.remainingMs('read') > 0) return answer;
      if (isClosed || turn === readTries || clock.elapsed() + pauseMs > giveUpAt) return answer;
      await backoff.pause(pauseMs);
    }
  }

  return {
    exchange,
    read,
    backoff,
    isClosed: () => isClosed,
    addressesAllowed() {
      const known = [addressesAllowed, day.allowed()].filter((one) => one !== null);
      return known.length === 0 ? null : Math.min(...known);
    },
    share: () => all.concurrency,
    setShare(requests: number) {
      all.concurrency = requests;
    },
    clockDifferenceMs: () => clockDifferenceMs,
    close() {
      isClosed = true;
      backoff.cancel();
      return transport.close();
    },
  };
}

/** Returns the functions that read one person, the API key, or the settings. */
function singleReads(
  read: Caller['read'],
): Pick<PortalClient, 'user' | 'employee' | 'employeeByEmail' | 'self' | 'ownKey' | 'culture'> {
  async function readOne<T>(
    path: string,
    envelope: z.ZodType<{ readonly response: T }>,
  ): Promise<ReadResult<T>> {
    const whole = readResultOf(await read(path), envelope);
    return whole.kind === 'ok' ? { kind: 'ok', value: whole.value.response } : whole;
  }

  return {
    self: () => readOne('people/@self', employeeEnvelope),
    ownKey: () => readOne('keys/@self', keyEnvelope),
    async culture() {
      const settings = await readOne('settings', settingsEnvelope);
      if (settings.kind !== 'ok') return settings;
      return { kind: 'ok', value: settings.value.culture ?? null };
    },
    async user(userId) {
      const result = await readOne(`portal/users/${userId}`, userEnvelope);
      if (result.kind !== 'ok' || result.value.id === userId) return result;
      if (result.value.id === lostUserId) return { kind: 'missing' };
      return { kind: 'trouble', fault: { code: 'portal_answered_other_user' }, waitMs: null };
    },
    async employee(userId) {
      const result = await readOne(`people/${userId}`, employeeEnvelope);
      const isStandIn = result.kind === 'ok' && result.value.id === lostUserId;
      return isStandIn ? { kind: 'missing' } : result;
    },
    async employeeByEmail(email) {
      const answer = await read(`people/email?email=${encodeURIComponent(email)}`);
      // The portal says that the text is not an e-mail address, so no person has it.
      const isNoAddress =
        answer.kind === 'answered' && answer.status === 400 && answer.body.form === 'validation';
      if (isNoAddress) return { kind: 'missing' };
      const result = readResultOf(answer, employeeEnvelope);
      if (result.kind !== 'ok') return result;
      const value = result.value.response;
      if (value.id === lostUserId) return { kind: 'missing' };
      if (isSameAddress(email, value.email)) return { kind: 'ok', value };
      return { kind: 'other', asked: email, found: value.email };
    },
  };
}

function webhookWrites(
  exchange: Caller['exchange'],
): Pick<PortalClient, 'updateWebhook' | 'createWebhook'> {
  return {
    async updateWebhook(webhook) {
      const answer = await exchange({ method: 'PUT', path: 'settings/webhook', body: webhook });
      return isSuccess(answer) ? { kind: 'ok', value: null } : failedWrite(answer);
    },
    async createWebhook(webhook) {
      const answer = await exchange({ method: 'POST', path: 'settings/webhook', body: webhook });
      if (!isSuccess(answer)) return failedWrite(answer);
      const made = readResultOf(answer, madeEnvelope);
      if (made.kind === 'ok') return { kind: 'ok', value: made.value.response };
      return { kind: 'trouble', fault: { code: 'portal_answer_unreadable' } };
    },
  };
}

function notSent(code: 'portal_rate_limited' | 'portal_queue_timed_out'): PortalAnswer {
  return { kind: 'failed', left: false, fault: { code } };
}

function kindOf({ method, path }: PortalRequest): CallKind {
  if (method === 'GET') return 'read';
  return path.startsWith('portal/sendcongratulations') ? 'welcome' : 'sensitive';
}

function isSuccess(answer: PortalAnswer): boolean {
  return answer.kind === 'answered' && answer.status === 200 && answer.body.form === 'success';
}
