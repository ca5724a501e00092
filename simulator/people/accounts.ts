import { newApiKey, newGuid, type Random, randomText } from '../ids.ts';
import type { People } from './people.ts';
import { type PortalUser, STATUS } from './person.ts';

export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly userId: string;
  /**
   * If this is empty, the key has full access. A key that is created with `*` has an empty list too
   * (docs/docspace-wire.md 13.2, 14).
   */
  readonly permissions: readonly string[];
  readonly createdAt: number;
  /** ms UTC. */
  readonly expiresAt?: number | undefined;
  readonly isActive: boolean;
};
export type Accounts = ReturnType<typeof createAccounts>;

const TOKEN_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * API keys and session tokens. Both work only while their owner is Active (docs/docspace-wire.md 1.1).
 */
export function createAccounts(input: {
  readonly people: People;
  readonly random: Random;
  readonly now: () => number;
}) {
  const { people, random, now } = input;
  const keys = new Map<string, ApiKey>();
  const lastUsedAt = new Map<string, number>();
  const tokens = new Map<string, string>();

  const activeOwner = (userId: string | undefined): PortalUser | undefined => {
    const owner = people.get(userId ?? '');
    return owner?.status === STATUS.active ? owner : undefined;
  };

  return {
    addKey(key: {
      userId: string;
      permissions: readonly string[];
      name: string;
      expiresAt?: number | undefined;
    }): ApiKey {
      const permissions = key.permissions.includes('*') ? [] : key.permissions;
      const made = { ...key, permissions, id: newGuid(random), key: newApiKey(random) };
      keys.set(made.key, { ...made, createdAt: now(), isActive: true });
      return { ...made, createdAt: now(), isActive: true };
    },
    /** Returns false if the key does not exist. */
    revokeKey: (key: string): boolean => keys.delete(key),
    /** Switches a key off or on. Returns false if the key does not exist. */
    switchKey(text: string, isActive: boolean): boolean {
      const key = keys.get(text);
      if (key !== undefined) keys.set(text, { ...key, isActive });
      return key !== undefined;
    },
    lastUsedAt: (key: ApiKey): number | undefined => lastUsedAt.get(key.key),

    addToken(userId: string): string {
      const token = randomText({ random, alphabet: TOKEN_ALPHABET, length: 64 });
      tokens.set(token, userId);
      return token;
    },
    /**
     * Ends the sessions of a user who was disabled. They do not come back when the user is enabled
     * again.
     */
    endSessions(userId: string): void {
      for (const [token, owner] of tokens) if (owner === userId) tokens.delete(token);
    },

    /**
     * Returns the key and its owner, and records the time of use. Returns undefined if the key is
     * unknown, expired, switched off or has no active owner, because a caller cannot tell these cases
     * apart.
     */
    byKey(text: string): { key: ApiKey; owner: PortalUser } | undefined {
      const key = keys.get(text);
      const owner = activeOwner(key?.userId);
      if (key === undefined || owner === undefined || !key.isActive) return undefined;
      if (key.expiresAt !== undefined && key.expiresAt <= now()) return undefined;
      lastUsedAt.set(key.key, now());
      return { key, owner };
    },
    byToken: (token: string): PortalUser | undefined => activeOwner(tokens.get(token)),
  };
}
