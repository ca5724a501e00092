import { isActivated, type PortalUser, STATUS } from '../people/person.ts';
import { judgeSignedKey, type KeyVerdict } from '../signed-keys.ts';
import { epochMs } from '../time.ts';
import type { World } from '../world.ts';
import {
  decodeEmail,
  emailLinkText,
  openLinkText,
  type SharedLink,
  sharedLinkKey,
} from './links.ts';

export type RefusalReason =
  | 'invalid'
  | 'expired'
  | 'used up'
  | 'already used'
  | 'inviter may not'
  | 'invitations off'
  | 'other address'
  | 'bad e-mail'
  | 'bad name'
  | 'address taken';
export type Refusal = { readonly kind: 'refused'; readonly reason: RefusalReason };
export type ResolvedInvitation =
  | Refusal
  | { readonly kind: 'open'; readonly type: number; readonly inviterId: string }
  | {
      readonly kind: 'shared';
      readonly type: number;
      readonly inviterId: string;
      readonly link: SharedLink;
    }
  | {
      readonly kind: 'email';
      readonly inviterId: string;
      readonly type: number;
      readonly invitee: PortalUser;
      readonly key: string;
      readonly culture: string | undefined;
    };

// The portal's setting visit:validinterval: a person who opened an e-mail invitation has to complete it
// within this time (docs/docspace-wire.md 4).
const VISIT_LIFETIME_MS = 15 * 60_000;

/** Finds out where an invitation link, short or long, leads now (docs/docspace-wire.md 3.1, 3.2, 4). */
export function resolveInvitation(input: { world: World; link: string }): ResolvedInvitation {
  const { world } = input;
  const query = longQuery(input);
  const key = query?.get('key');
  const inviterId = query?.get('uid');
  const type = Number(query?.get('emplType') ?? Number.NaN);
  if (!query || !key || !inviterId || !Number.isInteger(type)) return refused('invalid');
  const linkId = key.split('~')[1];
  if (linkId !== undefined) return resolveShared({ world, key, inviterId, type, linkId });
  const encemail = query.get('encemail');
  const email = encemail === null ? query.get('email') : decodeEmail(encemail);
  if (email === null) {
    const text = openLinkText({ inviterId, type });
    const verdict = judge({ world, key, text });
    return verdict === 'valid' ? { kind: 'open', type, inviterId } : refused(verdict);
  }
  const culture = query.get('culture') ?? undefined;
  return resolveEmail({ world, key, inviterId, type, email, culture });
}

export function refused(reason: RefusalReason): Refusal {
  return { kind: 'refused', reason };
}

function longQuery({ world, link }: { world: World; link: string }): URLSearchParams | undefined {
  if (!URL.canParse(link, world.origin)) return undefined;
  const given = new URL(link, world.origin);
  const code = given.pathname.match(/^\/s\/([^/]+)$/)?.[1];
  const long = code === undefined ? given.pathname + given.search : world.links.longUrl(code);
  if (long === undefined) return undefined;
  const url = new URL(long, world.origin);
  return url.pathname === '/confirm/LinkInvite' ? url.searchParams : undefined;
}

function judge(input: { world: World; key: string; text: string }): KeyVerdict {
  const { world, key, text } = input;
  const lifetimeMs = world.invitationLifetimeMs;
  return judgeSignedKey({ ...world.signing, key, text, nowMs: world.now(), lifetimeMs });
}

/**
 * The portal calls an expired link "Expired", a used-up link "QuotaFailed" and a deleted link invalid
 * (docs/docspace-wire.md 3.2).
 */
function resolveShared(input: {
  readonly world: World;
  readonly key: string;
  readonly inviterId: string;
  readonly type: number;
  readonly linkId: string;
}): ResolvedInvitation {
  const { world, key, inviterId, type, linkId } = input;
  const link = world.links.sharedById(linkId);
  const expected = sharedLinkKey({ world, linkId, callerId: inviterId, type });
  if (link === undefined || key !== expected) return refused('invalid');
  if (link.expiration !== undefined && epochMs(link.expiration) <= world.now()) {
    return refused('expired');
  }
  const usedUp = link.maxUseCount !== undefined && link.currentUseCount >= link.maxUseCount;
  return usedUp ? refused('used up') : { kind: 'shared', type, inviterId, link };
}

function resolveEmail(input: {
  readonly world: World;
  readonly key: string;
  readonly inviterId: string;
  readonly type: number;
  readonly email: string;
  readonly culture: string | undefined;
}): ResolvedInvitation {
  const { world, key, inviterId, type, email, culture } = input;
  const verdict = judge({ world, key, text: emailLinkText(input) });
  if (verdict !== 'valid') return refused(verdict);
  const invitee = world.people.byEmail(email);
  if (invitee === undefined) return refused('invalid');
  if (invitee.status !== STATUS.pending) {
    return refused(isActivated(invitee) ? 'already used' : 'invalid');
  }
  const openedAt = world.links.openedAt(key);
  const visitOver = openedAt !== undefined && world.now() - openedAt > VISIT_LIFETIME_MS;
  if (visitOver) return refused('expired');
  return { kind: 'email', inviterId, type, invitee, key, culture };
}
