import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type Actor, operator } from '../domain/timeline.ts';
import type { Role } from '../domain/vocabulary.ts';
import type { NewId } from '../ids.ts';
import type { NamedToken, Store } from '../store/store.ts';

/** The holder of a valid token. `tokenId` and `name` are null for the holder of `ADMIN_TOKEN`. */
export type Caller = {
  readonly tokenId: string | null;
  readonly name: string | null;
  readonly role: Role;
};

/** `ADMIN_TOKEN` and the named tokens. */
export type Tokens = {
  /** Returns null if this is no token of this service, or if the token was revoked. */
  readonly callerOf: (token: string) => Promise<Caller | null>;
  /** Returns the caller of a session. Null if the token was revoked. */
  readonly callerOfId: (tokenId: string | null) => Promise<Caller | null>;
  readonly list: () => Promise<readonly NamedToken[]>;
  /** Returns null if the name is in use. The token itself is stored nowhere. */
  readonly add: (
    name: string,
    role: Role,
  ) => Promise<{ readonly token: string; readonly stored: NamedToken } | null>;
  /** Returns false if no token has this name. */
  readonly revoke: (name: string) => Promise<boolean>;
};

/** The name is written into the log and the timeline, so it is short and plain. */
export const tokenNameSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,31}$/,
    'needs 1 to 32 characters of a–z, 0–9, dot, hyphen and underscore, with a letter or digit first',
  );

/** The start of every named token, by which secret scanners can recognise it. */
const tokenPrefix = 'dsw_';
const admin: Caller = { tokenId: null, name: null, role: 'operator' };

export function createTokens(deps: {
  readonly store: Pick<Store, 'tokens' | 'addToken' | 'removeToken'>;
  readonly adminToken: string;
  readonly newId: NewId;
  readonly now: () => number;
}): Tokens {
  const { store, newId, now } = deps;
  const adminHash = hashOf(deps.adminToken);

  async function find(isWanted: (token: NamedToken) => boolean): Promise<Caller | null> {
    const found = (await store.tokens()).find(isWanted);
    return found ? { tokenId: found.id, name: found.name, role: found.role } : null;
  }

  return {
    async callerOf(token) {
      const hash = hashOf(token);
      // `timingSafeEqual` needs values of equal length, and its time does not depend on their content.
      if (timingSafeEqual(hash, adminHash)) return admin;
      if (!token.startsWith(tokenPrefix)) return null;
      return find((one) => timingSafeEqual(hash, Buffer.from(one.hash, 'hex')));
    },
    callerOfId: async (tokenId) => (tokenId === null ? admin : find((one) => one.id === tokenId)),
    list: store.tokens,
    async add(name, role) {
      // The token has 256 random bits, so a fast hash is as safe as a slow one.
      const token = `${tokenPrefix}${randomBytes(32).toString('base64url')}`;
      const hash = hashOf(token).toString('hex');
      const stored = { id: newId('tok'), name, role, hash, createdAt: now() };
      return (await store.addToken(stored)) ? { token, stored } : null;
    },
    revoke: store.removeToken,
  };
}

/** Returns the actor that the timeline and the log name for this caller. */
export function actorOf({ name }: Caller): Actor {
  return name === null ? operator : { ...operator, name };
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
