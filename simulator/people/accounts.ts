import { newApiKey, newGuid, type Random, randomText } from '../ids.ts';
import type { People } from './people.ts';
import { type PortalUser, STATUS } from './person.ts';

export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly userId: string;
  /** Empty, or with `*` among them: full access (wire 1.3). */
  readonly permissions: readonly string[];
  readonly createdAt: number;
};
export type Accounts = ReturnType<typeof createAccounts>;

const TOKEN_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** API keys and session tokens; both work only while their owner is Active (wire 1.1). */
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
    addKey(key: { userId: string; permissions: readonly string[]; name: string }): ApiKey {
      const made = { ...key, id: newGuid(random), key: newApiKey(random), createdAt: now() };
      keys.set(made.key, made);
      return made;
    },
    /** Returns false when there is no such key. */
    revokeKey: (key: string): boolean => keys.delete(key),
    lastUsedAt: (key: ApiKey): number | undefined => lastUsedAt.get(key.key),

    addToken(userId: string): string {
      const token = randomText({ random, alphabet: TOKEN_ALPHABET, length: 64 });
      tokens.set(token, userId);
      return token;
    },

    /** The key and its owner, or undefined; every valid use updates the time of last use. */
    byKey(text: string): { key: ApiKey; owner: PortalUser } | undefined {
      const key = keys.get(text);
      const owner = activeOwner(key?.userId);
      if (key === undefined || owner === undefined) return undefined;
      lastUsedAt.set(key.key, now());
      return { key, owner };
    },
    byToken: (token: string): PortalUser | undefined => activeOwner(tokens.get(token)),
  };
}
