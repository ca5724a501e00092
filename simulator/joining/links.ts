import { createHash } from 'node:crypto';
import { newGuid, newShortCode, type Random } from '../ids.ts';
import type { PortalUser } from '../people/person.ts';
import { makeSignedKey } from '../signed-keys.ts';
import type { Moment } from '../time.ts';
import type { World } from '../world.ts';

/** The one link per employee type that all admins share (docs/docspace-wire.md 3.2). */
export type SharedLink = {
  readonly id: string;
  readonly employeeType: number;
  readonly expiration?: Moment | undefined;
  readonly maxUseCount?: number | undefined;
  readonly currentUseCount: number;
};
type Writing = {
  readonly email: string;
  readonly user: PortalUser;
  readonly done: Promise<unknown>;
};
export type InvitationLinks = ReturnType<typeof createInvitationLinks>;

// The alias of a portal in a container. Links are bound to the alias and not to a host
// (docs/docspace-wire.md 13.6).
const PORTAL_ALIAS = 'localhost';

/** Keeps short links, shared links, and the time when each e-mail invitation was first opened. */
export function createInvitationLinks({ random }: { random: Random }) {
  // Contains the path and query of each long link by short code. The host is the host of the request.
  const longUrls = new Map<string, string>();
  const codes = new Map<string, string>();
  const writing = new Map<string, Writing>();
  const openedAt = new Map<string, number>();
  const shared = new Map<string, SharedLink>();
  let lastKeyMs = 0;
  return {
    /**
     * The time in the key of a new link (ms UTC). Every link has a different time, because a real portal
     * takes some ms for each link, and two keys with the same ms would be the same link.
     */
    newKeyMs(nowMs: number): number {
      lastKeyMs = Math.max(Math.floor(nowMs), lastKeyMs + 1);
      return lastKeyMs;
    },
    /**
     * Returns the short code for `longUrl`. The key of most links contains the time, so most calls make
     * a new code.
     */
    shorten(longUrl: string): string {
      const known = codes.get(longUrl);
      if (known !== undefined) return known;
      const code = newShortCode(random);
      longUrls.set(code, longUrl);
      codes.set(longUrl, code);
      return code;
    },
    longUrl: (code: string): string | undefined => longUrls.get(code),
    addShared(link: Omit<SharedLink, 'id' | 'currentUseCount'>): SharedLink {
      const made = { ...link, id: newGuid(random), currentUseCount: 0 };
      shared.set(made.id, made);
      return made;
    },
    saveShared(link: SharedLink): void {
      shared.set(link.id, link);
    },
    removeShared: (id: string): boolean => shared.delete(id),
    sharedById: (id: string): SharedLink | undefined => shared.get(id),
    sharedByType: (type: number): SharedLink | undefined =>
      [...shared.values()].find((link) => link.employeeType === type),
    /** Whether a row with this user name is being written right now (docs/docspace-wire.md 13.2, 1). */
    isBeingWritten: (name: string): boolean => writing.has(name.toLowerCase()),
    /**
     * Waits until the row with this address is written. Returns undefined if no such row is being
     * written.
     */
    async pendingWrite(email: string): Promise<PortalUser | undefined> {
      const sought = email.toLowerCase();
      const found = [...writing.values()].find((one) => one.email.toLowerCase() === sought);
      await found?.done;
      return found?.user;
    },
    async whileWriting(
      row: { readonly name: string; readonly email: string; readonly user: PortalUser },
      work: () => Promise<unknown>,
    ): Promise<void> {
      const done = work();
      writing.set(row.name.toLowerCase(), { email: row.email, user: row.user, done });
      await done;
      writing.delete(row.name.toLowerCase());
    },
    /** The time of the first visit (ms UTC), by invitation key (docs/docspace-wire.md 4). */
    openedAt: (key: string): number | undefined => openedAt.get(key),
    open(key: string, at: number): void {
      if (!openedAt.has(key)) openedAt.set(key, at);
    },
  };
}

/**
 * The short link of docs/docspace-wire.md 3.1 for `type`, created by `inviterId`. Anybody can use the
 * link until `invitationLifetimeMs` is over.
 */
export function openLink(input: { world: World; inviterId: string; type: number }): string {
  const { world, inviterId, type } = input;
  const text = openLinkText(input);
  const atMs = world.links.newKeyMs(world.now());
  const key = makeSignedKey({ ...world.signing, text, atMs });
  return shortLink(world, { key, uid: inviterId, emplType: String(type) });
}

/** The short link in the letter of an e-mail invitation. */
export function emailLink(input: {
  readonly world: World;
  readonly inviterId: string;
  readonly type: number;
  readonly email: string;
  readonly culture?: string | undefined;
}): string {
  const { world, inviterId, type, email, culture } = input;
  const key = makeSignedKey({ ...world.signing, text: emailLinkText(input), atMs: world.now() });
  return shortLink(world, {
    key,
    ...(world.release.addressInClear ? { email } : { encemail: encodeEmail(email) }),
    uid: inviterId,
    emplType: String(type),
    ...(culture === undefined ? {} : { culture }),
  });
}

/** The short link that leads to a shared link. Every caller gets a different short link. */
export function sharedLinkUrl(input: { world: World; link: SharedLink; callerId: string }): string {
  const { world, link, callerId } = input;
  const key = sharedLinkKey({ world, linkId: link.id, callerId, type: link.employeeType });
  return shortLink(world, { key, uid: callerId, emplType: String(link.employeeType) });
}

/**
 * A signature over type, link id, caller and portal, followed by the link id. The key contains no time.
 */
export function sharedLinkKey(input: {
  readonly world: World;
  readonly linkId: string;
  readonly callerId: string;
  readonly type: number;
}): string {
  const { world, linkId, callerId, type } = input;
  const signed = `${type} ${linkId} ${callerId} ${PORTAL_ALIAS} ${world.signing.machineKey}`;
  return `${createHash('sha256').update(signed).digest('hex')}~${linkId}`;
}

/**
 * The key of an open link is bound to this text: type, inviter and portal (docs/docspace-wire.md 3.1).
 */
export function openLinkText(input: { inviterId: string; type: number }): string {
  return `LinkInvite${input.type}${input.inviterId}${PORTAL_ALIAS}`;
}

export function emailLinkText(input: { email: string; inviterId: string; type: number }): string {
  return `${input.email}LinkInvite${input.type}${input.inviterId}`;
}

// The real portal encrypts the address. Here it may be readable, because the key is bound to it.
function encodeEmail(email: string): string {
  return Buffer.from(email).toString('base64url');
}

export function decodeEmail(encoded: string): string {
  return Buffer.from(encoded, 'base64url').toString();
}

function shortLink(world: World, query: Readonly<Record<string, string>>): string {
  const long = new URLSearchParams({ type: 'LinkInvite', ...query });
  return `${world.origin}/s/${world.links.shorten(`/confirm/LinkInvite?${long}`)}`;
}
