import { request } from 'undici';
import {
  allWebhooks,
  type Diagnosis,
  type Diagnostics,
  type ExaminedRow,
  type ExaminedWebhook,
  journalRows,
} from '../docspace/diagnostics.ts';
import { employeeEnvelope } from '../docspace/schemas.ts';
import { eventTimeOf } from '../docspace/webhooks.ts';
import { reasonText } from '../messages/render.ts';
import {
  leadsTo,
  lostAfterMs,
  recogniseWebhook,
  userTriggers,
} from '../reconciliation/webhook-registration.ts';
import { type Finding, findingsOf, timeText } from './finding.ts';
import { developerTools } from './key.ts';

const { ok, warning, wrong } = findingsOf('webhook');

const register = 'run "webhook register" while the service runs';
const pollOnly =
  'people are found only by the poll: minutes later, and not at all with RECONCILE_EVERY=0';
/** user.created (1) and user.updated (4). Each reports some activations (docs/docspace-wire.md 8). */
const neededTriggers = 1 + 4;

/**
 * Checks this service's webhook in the portal: its registration and its newest deliveries.
 * @param uri where the portal reaches this service; null if PUBLIC_URL is not set
 * @param path the path of that address; a webhook with this path and another host may be ours, too
 * @param isPrivate whether PUBLIC_URL leads to a private address
 * @param redirect the redirect with which `uri` answers; null: there is none, or it is not known
 * @param storedId the id of our webhook in the database; null if there is none
 * @param accountId the account of the API key; only a webhook that this account created is ours
 */
export async function examineWebhook(options: {
  readonly diagnostics: Diagnostics;
  readonly uri: string | null;
  readonly path: string;
  readonly isPrivate: boolean;
  readonly redirect: Redirect | null;
  readonly storedId: number | null;
  readonly accountId: string;
  readonly now: number;
}): Promise<Finding[]> {
  const { diagnostics, uri, path, storedId, accountId, now } = options;
  const answer = await diagnostics.ask('settings/webhook');
  const list = read(answer, allWebhooks)?.response.map((one) => one.configs);
  if (!list) return [unreadable(answer)];
  const recognised = recogniseWebhook(list, { accountId, address: uri ?? path, storedId });
  // A webhook with another host may still be ours, registered under a former PUBLIC_URL.
  const webhook =
    recognised.own ?? recogniseWebhook(list, { accountId, address: path, storedId }).own;
  const address = [
    ...redirectFindings(uri, options.redirect),
    ...addressOf(options, webhook?.enabled === true),
  ];
  const others = recognised.others.map(ofOtherAccount);
  if (!webhook) return [missing(uri, options.isPrivate), ...others, ...address];
  if (uri !== null && !leadsTo(webhook.uri, uri)) {
    return [moved(webhook, uri), ...others, ...address];
  }
  const creator = await creatorOf(webhook, diagnostics);
  const rows = await diagnostics.ask(`settings/webhooks/log?configId=${webhook.id}&count=20`);
  const journal = read(rows, journalRows)?.response ?? [];
  return [
    registrationOf(webhook),
    ...triggersOf(webhook),
    ...creator,
    ...others,
    ...deliveriesOf({ webhook, journal, now: now + aheadOf(rows) }),
    ...address,
  ];
}

/**
 * Returns how far the portal's clock is ahead of ours, in ms; 0 if it is not known. Events have the time
 * of the portal's clock.
 */
function aheadOf(answer: Diagnosis): number {
  return answer.kind === 'answered' ? (answer.aheadMs ?? 0) : 0;
}

/**
 * Warns about a webhook of another account. Any user may create a webhook with our address
 * (docs/docspace-wire.md 13.6).
 */
function ofOtherAccount({ id, createdBy }: ExaminedWebhook): Finding {
  const owner = createdBy ? `account ${createdBy.id}` : 'an account that is not shown';
  return warning('other-account', {
    seen: `webhook ${id} has the address of this service too, but ${owner} made it`,
    means:
      'this service neither repairs it nor reads its journal, and its owner may change its address at any time',
    mend: `if nobody needs it, delete it in ${developerTools}, Webhooks; if it is the webhook of this service, ${register}`,
  });
}

function read<T>(
  answer: Diagnosis,
  schema: { safeParse: (json: unknown) => { data?: T | undefined } },
): T | undefined {
  return answer.kind === 'answered' ? schema.safeParse(answer.json).data : undefined;
}

function unreadable(answer: Diagnosis): Finding {
  const why =
    answer.kind === 'answered' ? `the portal answers ${answer.status}` : reasonText(answer.fault);
  return wrong('readable', {
    seen: `the webhooks of the portal cannot be read: ${why}`,
    means: 'it is not known whether the portal reports its users to this service',
    mend: 'use the key of a DocSpace admin, with the permission *:write or *:read',
  });
}

function missing(uri: string | null, isPrivate: boolean): Finding {
  const mend = uri === null ? `set PUBLIC_URL, then ${register}` : register;
  return wrong('missing', {
    seen: `the portal has no webhook for ${uri ?? 'this service'}`,
    means: pollOnly,
    mend: isPrivate
      ? 'first set PUBLIC_URL to an address that the portal may reach: see below'
      : mend,
  });
}

function moved(webhook: ExaminedWebhook, uri: string): Finding {
  return wrong('moved', {
    seen: `webhook ${webhook.id} of the portal leads to ${webhook.uri}, PUBLIC_URL to ${uri}`,
    means: `deliveries go to another address; ${pollOnly}`,
    mend: `set PUBLIC_URL to where the portal reaches this service, then ${register}, and delete the old webhook in ${developerTools}, Webhooks`,
  });
}

function registrationOf(webhook: ExaminedWebhook): Finding {
  if (webhook.enabled) return ok('registered', `webhook ${webhook.id} is enabled: ${webhook.uri}`);
  return wrong('disabled', {
    seen: `webhook ${webhook.id} is disabled: ${webhook.uri}`,
    means: `the portal disables a webhook after 3 days of failures, or when it cannot resolve the host; ${pollOnly}`,
    mend: register,
  });
}

function triggersOf(webhook: ExaminedWebhook): Finding[] {
  const { triggers, targetId } = webhook;
  // `triggers` has bits up to 2^35, but JavaScript's bitwise operators use only 32 bits.
  const users = triggers === 0 ? userTriggers : Number(BigInt(triggers) & BigInt(userTriggers));
  const seen = `webhook ${webhook.id} does not report every event about users (triggers ${triggers})`;
  const findings: Finding[] = [];
  if ((users & neededTriggers) !== neededTriggers) {
    findings.push(
      wrong('triggers', {
        seen,
        means: `without user.created and user.updated no activation is reported; ${pollOnly}`,
        mend: register,
      }),
    );
  } else if (users !== userTriggers) {
    findings.push(
      warning('triggers', {
        seen,
        means: 'without user.invited and user.deleted, changes are seen only by the next poll',
        mend: register,
      }),
    );
  }
  if (targetId) {
    findings.push(
      wrong('target', {
        seen: `webhook ${webhook.id} is limited to one target, ${targetId}`,
        means: 'it reports that target and nobody else',
        mend: register,
      }),
    );
  }
  return findings;
}

/**
 * Warns if the creator of the webhook is neither a DocSpace admin nor the owner: a webhook reports only
 * people whom its creator may see (docs/docspace-wire.md 7.2).
 */
async function creatorOf(webhook: ExaminedWebhook, diagnostics: Diagnostics): Promise<Finding[]> {
  if (!webhook.createdBy) return [];
  const answer = await diagnostics.ask(`people/${webhook.createdBy.id}`);
  const creator = read(answer, employeeEnvelope)?.response;
  if (!creator || creator.isAdmin || creator.isOwner) return [];
  return [
    warning('creator', {
      seen: `webhook ${webhook.id} was created by an account that is not a DocSpace admin`,
      means: 'it reports only the people whom that account may see',
      mend: `delete it in ${developerTools}, Webhooks, then with the key of a DocSpace admin ${register}`,
    }),
  ];
}

/** A redirect with which an address answers. */
type Redirect = { readonly status: number; readonly location: string };

const redirectTimeoutMs = 3_000;

/**
 * Sends HEAD to the address of this service, as a portal does before it saves a webhook. This function
 * follows no redirect.
 * @returns null if the address does not redirect, or if this machine cannot reach it
 */
export async function redirectOf(uri: string): Promise<Redirect | null> {
  try {
    const signal = AbortSignal.timeout(redirectTimeoutMs);
    const { statusCode: status, headers, body } = await request(uri, { method: 'HEAD', signal });
    await body.dump();
    const location = [headers['location']].flat()[0];
    return status >= 300 && status < 400 && location ? { status, location } : null;
  } catch {
    return null;
  }
}

function redirectFindings(uri: string | null, redirect: Redirect | null): Finding[] {
  if (redirect === null) return [];
  return [
    wrong('redirect', {
      seen: `${uri} answers ${redirect.status} and leads to ${redirect.location}`,
      means:
        'a portal up to 3.6.1 follows it and asks with GET instead of POST, so deliveries are lost; from 3.7.1 on every delivery fails',
      mend: `set PUBLIC_URL to the address that answers itself, then ${register}`,
    }),
  ];
}

/** Checks the address at which the portal reaches this service. */
function addressOf(
  { uri, isPrivate }: { readonly uri: string | null; readonly isPrivate: boolean },
  isEnabled: boolean,
): Finding[] {
  if (uri === null) {
    return [
      warning('public-url', {
        seen: 'PUBLIC_URL is not set',
        means: '"webhook register" cannot create or repair the webhook',
        mend: 'set PUBLIC_URL to the address of this service as the portal reaches it',
      }),
    ];
  }
  if (isPrivate) {
    const trouble = {
      seen: `PUBLIC_URL leads to a private address: ${uri}`,
      means: isEnabled
        ? 'it works on releases up to 3.6.1, or while the operator of the portal allows it; otherwise 3.7.1 and later delete or disable the webhook at the next delivery'
        : 'from 3.7.1 on a portal refuses names and addresses that are private (10/8, 172.16/12, 192.168/16, loopback), up to 3.6.1 only literal private addresses: it does not save the webhook',
      mend: 'use a public address, or ask the operator of the portal to change webhooks:blacklist',
    };
    return [isEnabled ? warning('private', trouble) : wrong('private', trouble)];
  }
  if (uri.startsWith('https:')) return [];
  return [
    warning('plain', {
      seen: `PUBLIC_URL is not https: ${uri}`,
      means: 'names and addresses of people cross the network unencrypted',
      mend: 'put a TLS proxy before this service, change PUBLIC_URL, then run "webhook register"',
    }),
  ];
}

/**
 * Checks in the portal's journal whether the newest deliveries arrived (docs/docspace-wire.md 7.6).
 * Only the order of the ids, the statuses, and the time inside the body are used: the portal's time zone
 * shifts all other dates, and every delivery sets the webhook's `modifiedOn` (13.1, 13.2).
 */
function deliveriesOf(given: {
  readonly webhook: ExaminedWebhook;
  readonly journal: readonly ExaminedRow[];
  readonly now: number;
}): Finding[] {
  const { webhook, now } = given;
  const journal = given.journal.toSorted((a, b) => b.id - a.id);
  const settled = journal.filter((row) => row.status > 0 || isLost(row, now));
  const lastGood = settled.findIndex(isDelivered);
  const failed = lastGood < 0 ? settled : settled.slice(0, lastGood);
  const newest = failed[0];
  if (newest) return [failing(failed, newest, webhook)];
  const delivered = settled[lastGood];
  if (delivered) {
    const before = settled.slice(lastGood).find((row) => !isDelivered(row));
    const note = before ? `; one failed before it${whenOf(before, ', ')}` : '';
    return [ok('deliveries', `the last delivery arrived${whenOf(delivered, ', ')}${note}`)];
  }
  if (webhook.lastSuccessOn) return [ok('deliveries', 'the last delivery arrived')];
  return webhook.lastFailureOn ? [failedOnly(webhook)] : [];
}

/**
 * Whether a row is so old that the portal no longer tries to send its delivery. A row whose time cannot
 * be read does not count as old.
 */
function isLost(row: ExaminedRow, now: number): boolean {
  const at = eventTimeOf(row);
  return at !== null && now - at > lostAfterMs;
}

/**
 * Returns `before` and the time of the event. Returns an empty text if the body cannot be read, for
 * example because the portal cut it.
 */
function whenOf(row: ExaminedRow, before: string): string {
  const at = eventTimeOf(row);
  return at === null ? '' : `${before}${timeText(at)}`;
}

/** Reports a failure that only the webhook itself shows: no row of the journal has a result yet. */
function failedOnly(webhook: ExaminedWebhook): Finding {
  return warning('deliveries', {
    seen: `no delivery of webhook ${webhook.id} has arrived yet, and at least one failed${lastError(webhook)}`,
    means: ifItStays,
    mend: checkReachable,
  });
}

/** Returns the beginning of the portal's text about the last failure. That text can be very long. */
function lastError({ lastFailureContent }: ExaminedWebhook): string {
  const text = lastFailureContent?.trim().slice(0, 120) ?? '';
  return text === '' ? '' : `: ${text}`;
}

const ifItStays =
  'after 3 days of failures the portal disables the webhook; until then the poll finds these people later';
const checkReachable =
  'check PUBLIC_URL and its certificate from the machine of the portal: curl -I PUBLIC_URL/webhooks/docspace';

function failing(
  failed: readonly ExaminedRow[],
  newest: ExaminedRow,
  webhook: ExaminedWebhook,
): Finding {
  const several =
    failed.length === 1 ? 'the newest delivery' : `the newest ${failed.length} deliveries`;
  if (newest.status === 401) {
    return wrong('secret', {
      seen: `${several} of webhook ${webhook.id} did not arrive: this service answered 401`,
      means:
        'the secret in the portal is not DOCSPACE_WEBHOOK_SECRET, or a proxy changes the body: every delivery is refused',
      mend: 'run "webhook register": it writes the secret of this service into the portal (if it ran a moment ago, wait for the next delivery: retries still carry the old secret)',
    });
  }
  const since = whenOf(newest, '; the newest one is from ');
  if (newest.status === 0) {
    return warning('deliveries', {
      seen: `${several} of webhook ${webhook.id} did not arrive: no connection, or not sent${since}${lastError(webhook)}`,
      means: ifItStays,
      mend: checkReachable,
    });
  }
  return warning('deliveries', {
    seen: `${several} of webhook ${webhook.id} failed with ${newest.status}${since}`,
    means: ifItStays,
    mend: fixOf(newest.status),
  });
}

function fixOf(status: number): string {
  if (status === 404) return 'let the proxy pass /webhooks/docspace to this service';
  if (status >= 300 && status < 400) {
    return `PUBLIC_URL redirects: set it to the address that answers itself, then ${register}`;
  }
  if (status === 503) return 'read the log of this service: it could not write, or was stopping';
  return 'read the log of this service and of the proxy before it';
}

function isDelivered(row: ExaminedRow): boolean {
  return row.status >= 200 && row.status < 300;
}
