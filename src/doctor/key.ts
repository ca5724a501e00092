import type { Diagnosis, Diagnostics, OwnAccount } from '../docspace/diagnostics.ts';
import { peopleEnvelope } from '../docspace/people.ts';
import { keyEnvelope } from '../docspace/schemas.ts';
import type { StoreReads } from '../store/store.ts';
import { durationText, type Finding, findingsOf, timeText } from './finding.ts';

const { ok, warning, wrong } = findingsOf('key');

/** Since 3.7.1, Developer Tools has its own entry in the portal's menu (docs/docspace-wire.md 13.7). */
export const developerTools = 'Developer Tools (in the menu; up to 3.6 inside Settings)';
const createKey = `create a key in the portal: ${developerTools}, API keys; then set DOCSPACE_API_KEY`;
/** What each permission is enough for (docs/docspace-wire.md 1.3). */
const permissionsNeeded =
  '*:write is enough for everything; *:read with accounts:write for everything but creating the webhook; *:read alone for invitations by link';
/** How many of the account's newest invitees are looked up in this database. */
const comparedCount = 20;
const expiryWarningMs = 14 * 24 * 3_600_000;

type Given = {
  readonly diagnostics: Diagnostics;
  readonly apiKey: string;
  readonly self: Extract<Diagnosis, { kind: 'answered' }>;
  readonly account: OwnAccount | null;
  /** Null if the database is missing or cannot be read. */
  readonly reads: Pick<StoreReads, 'member' | 'listInvitations'> | null;
  readonly now: number;
};

/** Checks the API key, its permissions, and its account (docs/docspace-wire.md 1.3, 1.4, 13.6). */
export async function examineKey(options: Given): Promise<Finding[]> {
  const { diagnostics, apiKey, self, account, now } = options;
  const isKey = apiKey.startsWith('sk-');
  if (self.status === 401) return [invalid(isKey)];
  const found = isKey ? keyFindings(await diagnostics.ask('keys/@self'), now) : [sessionToken()];
  if (account === null) {
    return found.every((finding) => finding.level === 'ok') ? [barred()] : found;
  }
  return [...found, roleOf(account), ...(await usageOf(account, options))];
}

function invalid(isKey: boolean): Finding {
  return wrong('valid', {
    seen: `the portal does not accept the ${isKey ? 'API key' : 'token'} (401)`,
    means:
      'it was revoked, has expired, or its account is disabled (a portal older than 3.1 has no API keys at all): nothing works without it',
    mend: createKey,
  });
}

/** Reports a 403 for a valid key that has the permissions it needs (docs/docspace-wire.md 1.2). */
function barred(): Finding {
  return wrong('barred', {
    seen: 'the portal answers 403 although the key has the permissions it needs',
    means: 'the portal restricts IP addresses, or it is being restored or moved',
    mend: 'allow the address of this machine in the portal: Settings, Security, IP security',
  });
}

function sessionToken(): Finding {
  return warning('rights', {
    seen: 'DOCSPACE_API_KEY is the token of a session, not an API key (sk-…)',
    means: 'it ends when the session ends, and then nothing works',
    mend: createKey,
  });
}

function keyFindings(answer: Diagnosis, now: number): Finding[] {
  if (answer.kind === 'answered' && answer.status === 404) return [unsupported()];
  const key =
    answer.kind === 'answered' ? keyEnvelope.safeParse(answer.json).data?.response : undefined;
  if (!key) {
    return [
      warning('rights', {
        seen: 'the permissions of the key cannot be read',
        means: 'a missing permission shows only when a call is refused',
        mend: `check the key in the portal. ${permissionsNeeded}`,
      }),
    ];
  }
  return [permissionsOf(key.permissions ?? []), ...expiryOf(key.expiresAt ?? null, now)];
}

/** The route `keys/@self` came with release 3.1 (docs/docspace-wire.md 13.7). */
function unsupported(): Finding {
  return wrong('release', {
    seen: 'the portal has no API keys (404 to keys/@self)',
    means: 'it is older than DocSpace 3.1, which this service does not support',
    mend: 'update the portal to 3.2.1 or later',
  });
}

/** Reports what the key may do. An empty list of permissions and `*` both mean full access. */
function permissionsOf(permissions: readonly string[]): Finding {
  const isFull = permissions.length === 0 || permissions.includes('*');
  if (isFull) return ok('rights', 'the key is valid and unrestricted');
  const listed = permissions.join(', ');
  if (permissions.includes('*:write')) {
    return ok('rights', `the key is valid and has the permissions ${listed}`);
  }
  const seen = `the key has only the permissions ${listed}`;
  const mend = `create another key, or one without restrictions. ${permissionsNeeded}`;
  if (!permissions.includes('*:read')) {
    return wrong('rights', {
      seen,
      means:
        'the request that confirms a person, portal/users, needs *:read or *:write; no narrower permission covers it (3.1 does not have these two: use an unrestricted key there)',
      mend,
    });
  }
  const mails = permissions.includes('accounts:write') ? '' : 'invitations by e-mail and ';
  return warning('rights', {
    seen,
    means: `${mails}"webhook register" with its repairs are refused`,
    mend,
  });
}

/** @param expiresAt UTC ms; null: the key does not expire */
function expiryOf(expiresAt: number | null, now: number): Finding[] {
  if (expiresAt === null || expiresAt - now > expiryWarningMs) return [];
  return [
    warning('expiry', {
      seen: `the key expires ${timeText(expiresAt)}, in ${durationText(expiresAt - now)}`,
      means: 'after that the portal answers 401, and nothing works',
      mend: `${createKey}, and restart the service`,
    }),
  ];
}

function roleOf(account: OwnAccount): Finding {
  const name = nameOf(account);
  if (account.isOwner) return ok('role', `${name} is the owner and may invite every role`);
  if (account.isAdmin) {
    return ok('role', `${name} is a DocSpace admin and may invite every role but DocSpaceAdmin`);
  }
  const mend = 'make the account a DocSpace admin: Accounts, its menu, Change type';
  if (account.isRoomAdmin) {
    return warning('role', {
      seen: `${name} is a room admin`,
      means:
        'this account may invite only guests and users, does not see the guests of other accounts, and its webhook reports only people whom it sees',
      mend,
    });
  }
  return wrong('role', {
    seen: `${name} is a ${account.isVisitor ? 'guest' : 'user'} and may not invite anybody`,
    means: 'every invitation is refused',
    mend,
  });
}

/**
 * Checks who uses the account. Also warns if this database has no invitations but the account has
 * invited people: another database may have welcomed them.
 */
async function usageOf(account: OwnAccount, options: Given): Promise<Finding[]> {
  const { diagnostics, reads, now } = options;
  const isNew = !reads || (await reads.listInvitations({}, { limit: 1 }, now)).items.length === 0;
  const owner = await ownerOf(account, options);
  if (!isNew) return [owner];
  const answer = await diagnostics.ask(`people/filter?inviterId=${account.id}&count=1`);
  const page = answer.kind === 'answered' ? peopleEnvelope.safeParse(answer.json).data : undefined;
  const total = page?.total ?? 0;
  if (total === 0) return [owner];
  return [
    owner,
    warning('earlier-use', {
      seen: `this database has no invitations, but ${nameOf(account)} has already invited ${total} people`,
      means:
        'another database may have welcomed them: this one welcomes nobody who joined before its first start, and its first start is paused until "resume"',
      mend: 'set DATABASE_URL to the database that this account was used with, if there is one',
    }),
  ];
}

/**
 * Checks whether only this service uses the account. Invitations that a person makes with it by hand
 * could count as invitations of this service (docs/design.md#whose-member).
 */
async function ownerOf(account: OwnAccount, options: Given): Promise<Finding> {
  const signs = [
    account.isOwner ? 'the owner of the portal' : null,
    account.isSSO || account.isLDAP ? 'somebody who signs in by SSO or LDAP' : null,
    await unknownInviteesOf(account, options),
  ].filter((sign) => sign !== null);
  if (signs.length === 0) {
    return ok('owner', `only this service seems to use the account ${nameOf(account)}`);
  }
  return warning('owner', {
    seen: `the key belongs to ${nameOf(account)}: ${signs.join(', and ')}`,
    means:
      'anybody who joins by a link that this account made by hand counts as invited here, and may be welcomed',
    mend: 'use the key of an account that only this service uses, a DocSpace admin (to invite DocSpace admins it must be the owner)',
  });
}

/**
 * Counts the account's newest invitees who have no invitation in this database: they were invited by
 * hand, or with another database.
 * @returns the count as a phrase; null if it is 0
 */
async function unknownInviteesOf(
  account: OwnAccount,
  { diagnostics, reads, now }: Given,
): Promise<string | null> {
  const query = `inviterId=${account.id}&count=${comparedCount}&sortBy=registrationDate&sortOrder=descending`;
  const answer = await diagnostics.ask(`people/filter?${query}`);
  const page = answer.kind === 'answered' ? peopleEnvelope.safeParse(answer.json).data : undefined;
  const people = (page?.response ?? []).filter((one) => one.id !== account.id);
  let unknownCount = 0;
  for (const one of people) {
    const member = (await reads?.member(one.id)) ?? null;
    if (member?.invitationId) continue;
    const filter = { email: one.email };
    const found = one.email ? await reads?.listInvitations(filter, { limit: 1 }, now) : null;
    if (!found || found.items.length === 0) unknownCount += 1;
  }
  if (unknownCount === 0) return null;
  return `${unknownCount} of its ${people.length} newest invitees were not invited here`;
}

/** Returns the name of the account, without the e-mail address: people paste findings into tickets. */
function nameOf(account: OwnAccount): string {
  return `${account.firstName} ${account.lastName}`.trim() || account.id;
}
