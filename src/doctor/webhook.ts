import type { Inquired, Inquiry } from '../docspace/diagnostics.ts';
import {
  allWebhooks,
  type ExaminedWebhook,
  journalRows,
  oneEmployee,
} from '../docspace/diagnostics-schemas.ts';
import { userTriggers } from '../reconciliation/webhook-registration.ts';
import { type Finding, findingsOf } from './finding.ts';
import { deliveriesOf } from './webhook-deliveries.ts';

const { ok, warning, wrong } = findingsOf('webhook');

const register = 'run "webhook register" while the service runs';
const pollOnly =
  'people are found only by the poll: minutes later, and not at all with RECONCILE_EVERY=0';
/** Without these two nobody is told of (wire 8); the others only save work. */
const neededTriggers = 1 + 4;

/**
 * This service's webhook at the portal: its registration, and how its deliveries fare.
 * @param uri where the portal reaches us; null: PUBLIC_URL is not set
 * @param path the path of that address, by which a webhook for another host is recognised
 * @param isPrivate PUBLIC_URL leads to an address that portals refuse
 * @param remembered the webhook that the store knows as ours; null: none
 */
export async function examineWebhook(options: {
  readonly inquiry: Inquiry;
  readonly uri: string | null;
  readonly path: string;
  readonly isPrivate: boolean;
  readonly remembered: number | null;
  readonly now: number;
}): Promise<Finding[]> {
  const { inquiry, uri, path, remembered, now } = options;
  const answer = await inquiry.ask('settings/webhook');
  const list = read(answer, allWebhooks)?.response.map((one) => one.configs);
  if (!list) return [unreadable(answer)];
  const webhook =
    list.find((one) => one.uri === uri) ??
    list.find((one) => one.id === remembered) ??
    list.find((one) => one.uri.endsWith(path));
  const address = addressOf(options, webhook?.enabled === true);
  if (!webhook) return [missing(uri, options.isPrivate), ...address];
  if (uri !== null && webhook.uri !== uri) return [moved(webhook, uri), ...address];
  const creator = await creatorOf(webhook, inquiry);
  const rows = await inquiry.ask(`settings/webhooks/log?configId=${webhook.id}&count=20`);
  const journal = read(rows, journalRows)?.response ?? [];
  return [
    registrationOf(webhook),
    ...triggersOf(webhook),
    ...creator,
    ...deliveriesOf({ webhook, journal, now }),
    ...address,
  ];
}

function read<T>(
  answer: Inquired,
  schema: { safeParse: (json: unknown) => { data?: T | undefined } },
): T | undefined {
  return answer.kind === 'answered' ? schema.safeParse(answer.json).data : undefined;
}

function unreadable(answer: Inquired): Finding {
  const why = answer.kind === 'answered' ? `the portal answers ${answer.status}` : answer.detail;
  return wrong('readable', {
    seen: `the webhooks of the portal cannot be read: ${why}`,
    means: 'nobody can say whether the portal tells this service of its people',
    mend: 'use the key of a DocSpace admin, with *:read and *:write',
  });
}

function missing(uri: string | null, isPrivate: boolean): Finding {
  const mend = uri === null ? `set PUBLIC_URL, then ${register}` : register;
  return wrong('missing', {
    seen: `the portal has no webhook for ${uri ?? 'this service'}`,
    means: pollOnly,
    mend: isPrivate
      ? 'first give PUBLIC_URL an address that the portal may reach: see below'
      : mend,
  });
}

function moved(webhook: ExaminedWebhook, uri: string): Finding {
  return wrong('moved', {
    seen: `webhook ${webhook.id} of the portal leads to ${webhook.uri}, PUBLIC_URL to ${uri}`,
    means: `deliveries go to another address; ${pollOnly}`,
    mend: `set PUBLIC_URL to where the portal reaches this service, then ${register}, and delete the old one in Settings, Developer Tools, Webhooks`,
  });
}

function registrationOf(webhook: ExaminedWebhook): Finding {
  if (webhook.enabled) return ok('registered', `webhook ${webhook.id} is enabled: ${webhook.uri}`);
  return wrong('disabled', {
    seen: `webhook ${webhook.id} is disabled: ${webhook.uri}`,
    means: `the portal does so after 3 days of failures, or when it cannot look up the host; ${pollOnly}`,
    mend: register,
  });
}

function triggersOf(webhook: ExaminedWebhook): Finding[] {
  const { triggers, targetId } = webhook;
  // Bits up to 2^35: beyond what the bitwise operators of JavaScript take.
  const users = triggers === 0 ? userTriggers : Number(BigInt(triggers) & BigInt(userTriggers));
  const seen = `webhook ${webhook.id} does not tell of every user event (triggers ${triggers})`;
  const findings: Finding[] = [];
  if ((users & neededTriggers) !== neededTriggers) {
    findings.push(
      wrong('triggers', {
        seen,
        means: `without user.created and user.updated no activation is told; ${pollOnly}`,
        mend: register,
      }),
    );
  } else if (users !== userTriggers) {
    findings.push(
      warning('triggers', {
        seen,
        means: 'without user.invited and user.deleted the log lags behind until the next poll',
        mend: register,
      }),
    );
  }
  if (targetId) {
    findings.push(
      wrong('target', {
        seen: `webhook ${webhook.id} is bound to one target, ${targetId}`,
        means: 'it tells of that one alone and of nobody else',
        mend: register,
      }),
    );
  }
  return findings;
}

/** A webhook tells only of people whom its creator may see (wire 7.2). */
async function creatorOf(webhook: ExaminedWebhook, inquiry: Inquiry): Promise<Finding[]> {
  if (!webhook.createdBy) return [];
  const answer = await inquiry.ask(`people/${webhook.createdBy.id}`);
  const creator = read(answer, oneEmployee)?.response;
  if (!creator || creator.isAdmin || creator.isOwner) return [];
  return [
    warning('creator', {
      seen: `webhook ${webhook.id} was made by an account that is no DocSpace admin`,
      means: 'it tells only of the people whom that account may see',
      mend: `delete it in Settings, Developer Tools, Webhooks, then with the key of a DocSpace admin ${register}`,
    }),
  ];
}

/** Our address, as the portal sees it. */
function addressOf(
  { uri, isPrivate }: { readonly uri: string | null; readonly isPrivate: boolean },
  isTold: boolean,
): Finding[] {
  if (uri === null) {
    return [
      warning('public-url', {
        seen: 'PUBLIC_URL is not set',
        means: '"webhook register" cannot make or repair the webhook',
        mend: 'set PUBLIC_URL to the address of this service as the portal reaches it',
      }),
    ];
  }
  if (isPrivate) {
    const trouble = {
      seen: `PUBLIC_URL leads to a private address: ${uri}`,
      means: isTold
        ? 'it works while the portal’s operator allows it; with its usual list the portal deletes the webhook at the next delivery'
        : 'a portal refuses private addresses (10/8, 172.16/12, 192.168/16, loopback), so it saves no such webhook',
      mend: 'use a public address, or let the portal’s operator change webhooks:blacklist',
    };
    return [isTold ? warning('private', trouble) : wrong('private', trouble)];
  }
  if (uri.startsWith('https:')) return [];
  return [
    warning('plain', {
      seen: `PUBLIC_URL is not https: ${uri}`,
      means: 'names and addresses of people cross the network readable by anybody',
      mend: 'put a TLS proxy before this service, change PUBLIC_URL, then run "webhook register"',
    }),
  ];
}
