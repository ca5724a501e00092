import type { Inquired, Inquiry } from '../docspace/diagnostics.ts';
import { type OwnAccount, ownKey, somePeople } from '../docspace/diagnostics-schemas.ts';
import type { StoreReads } from '../store/store.ts';
import { type Finding, findingsOf } from './finding.ts';

const { ok, warning, wrong } = findingsOf('key');

const makeKey =
  'make one in the portal: Settings, Developer Tools, API keys; then DOCSPACE_API_KEY';
/** So many of the newest people whom the account brought are compared with the log. */
const compared = 20;

/**
 * The API key, its rights, and whose it is (wire 1.3, 1.4).
 * @param reads the log; null: there is none yet
 */
export async function examineKey(options: {
  readonly inquiry: Inquiry;
  readonly apiKey: string;
  readonly self: Extract<Inquired, { kind: 'answered' }>;
  readonly account: OwnAccount | null;
  readonly reads: Pick<StoreReads, 'member' | 'listInvitations'> | null;
  readonly now: number;
}): Promise<Finding[]> {
  const { inquiry, apiKey, self, account } = options;
  const isKey = apiKey.startsWith('sk-');
  if (self.status === 401) return [invalid(isKey)];
  const rights = isKey ? rightsOf(await inquiry.ask('keys/@self')) : sessionToken();
  if (account === null) return [rights.level === 'ok' ? barred() : rights];
  return [rights, roleOf(account), await ownerOf(account, options)];
}

function invalid(isKey: boolean): Finding {
  return wrong('valid', {
    seen: `the portal does not accept the ${isKey ? 'API key' : 'token'} (401)`,
    means: 'it was revoked or has expired, or its account was disabled: nothing works without it',
    mend: makeKey,
  });
}

/** The key is good and has the right, and yet the door is shut: wire 1.2. */
function barred(): Finding {
  return wrong('barred', {
    seen: 'the portal answers 403 although the key has the rights it needs',
    means: 'the portal restricts IP addresses, or it is being restored or moved just now',
    mend: 'allow the address of this machine in the portal: Settings, Security, IP security',
  });
}

function sessionToken(): Finding {
  return warning('rights', {
    seen: 'DOCSPACE_API_KEY is the token of a session, not an API key (sk-…)',
    means: 'it ends when the session ends, and then nothing works',
    mend: makeKey,
  });
}

/** For reading any of `*:read` and `*:write` is enough, for the rest `*:write` (wire 1.3). */
function rightsOf(answer: Inquired): Finding {
  const key = answer.kind === 'answered' ? ownKey.safeParse(answer.json).data?.response : undefined;
  if (!key) {
    return warning('rights', {
      seen: 'the rights of the key cannot be read',
      means: 'whether it may do everything shows only when it is done',
      mend: 'look at the key in the portal: it needs *:read and *:write, or no restriction',
    });
  }
  const permissions = key.permissions ?? [];
  const isFull = permissions.length === 0 || permissions.includes('*');
  if (isFull) return ok('rights', 'the key is valid and unrestricted');
  const listed = permissions.join(', ');
  if (permissions.includes('*:write')) return ok('rights', `the key is valid and may ${listed}`);
  const mend = 'make a key with *:read and *:write, or without a restriction';
  if (!permissions.includes('*:read')) {
    return wrong('rights', {
      seen: `the key may only ${listed}`,
      means: 'the read that confirms a person, portal/users, has no narrower right than *:read',
      mend,
    });
  }
  const mails = permissions.includes('accounts:write') ? '' : 'invitations by e-mail and ';
  return warning('rights', {
    seen: `the key may only ${listed}`,
    means: `${mails}"webhook register" with its repairs are refused: they need *:write`,
    mend,
  });
}

function roleOf(account: OwnAccount): Finding {
  const who = nameOf(account);
  if (account.isOwner) return ok('role', `${who} is the owner: may invite every type`);
  if (account.isAdmin) {
    return ok('role', `${who} is a DocSpace admin: may invite every type but DocSpaceAdmin`);
  }
  if (account.isRoomAdmin) {
    return warning('role', {
      seen: `${who} is a room admin`,
      means:
        'invites only Guest and User, does not see guests of others, and its webhook tells only of people whom it sees',
      mend: 'make the account a DocSpace admin: Accounts, its menu, Change type',
    });
  }
  return wrong('role', {
    seen: `${who} is a ${account.isVisitor ? 'guest' : 'user'} without a right to invite`,
    means: 'every invitation is refused',
    mend: 'make the account a DocSpace admin: Accounts, its menu, Change type',
  });
}

/** With a person's account their own invitations would be taken for ours (design: "Whose member"). */
async function ownerOf(
  account: OwnAccount,
  options: Parameters<typeof examineKey>[0],
): Promise<Finding> {
  const signs = [
    account.isOwner ? 'the owner of the portal' : null,
    account.isSSO || account.isLDAP ? 'somebody who signs in by SSO or LDAP' : null,
    await strangersOf(account, options),
  ].filter((sign) => sign !== null);
  if (signs.length === 0) return ok('owner', `${nameOf(account)} is an account of its own`);
  return warning('owner', {
    seen: `the key belongs to ${nameOf(account)}: ${signs.join(', and ')}`,
    means: 'who comes by that person’s own links is taken for invited here, and may be welcomed',
    mend: 'use the key of an account of its own, a DocSpace admin (only to invite DocSpace admins it must be the owner)',
  });
}

/** People whom the account brought and the log does not know came by a person's own invitation. */
async function strangersOf(
  account: OwnAccount,
  { inquiry, reads, now }: Parameters<typeof examineKey>[0],
): Promise<string | null> {
  const query = `inviterId=${account.id}&count=${compared}&sortBy=registrationDate&sortOrder=descending`;
  const answer = await inquiry.ask(`people/filter?${query}`);
  const page = answer.kind === 'answered' ? somePeople.safeParse(answer.json).data : undefined;
  const people = (page?.response ?? []).filter((one) => one.id !== account.id);
  let strangers = 0;
  for (const one of people) {
    const member = (await reads?.member(one.id)) ?? null;
    if (member?.invitationId) continue;
    const filter = { email: one.email };
    const found = one.email ? await reads?.listInvitations(filter, { limit: 1 }, now) : null;
    if (!found || found.items.length === 0) strangers += 1;
  }
  if (strangers === 0) return null;
  return `${strangers} of its ${people.length} newest invitees are not in the log`;
}

/** No address: findings are pasted into tickets. */
function nameOf(account: OwnAccount): string {
  return `${account.firstName} ${account.lastName}`.trim() || account.id;
}
