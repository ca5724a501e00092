import { createHmac } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import type { NewId } from '../ids.ts';
import type { Caller, Tokens } from '../operations/tokens.ts';
import type { Store } from '../store/store.ts';
import { knownZone } from './formats.ts';

/** The session of a person. The signed cookie contains the id of the token instead of `caller`. */
export type Session = {
  readonly id: string;
  /** The time zone of the browser, in which every time is shown. */
  readonly zone: string;
  /** When the session ends by itself (UTC ms). */
  readonly until: number;
  readonly caller: Caller;
};

export type Sessions = {
  readonly begin: (c: Context, zone: string, caller: Caller) => Promise<Session>;
  /** Null: nobody signed in, the session has ended, or its token was changed or revoked. */
  readonly current: (c: Context) => Promise<Session | null>;
  /**
   * Ends the session. It stays ended after a restart.
   * @throws StoreUnavailable if the end cannot be stored
   */
  readonly end: (c: Context) => Promise<void>;
};

const cookieName = 'docspace_welcome';
/** Longer than a working day, so that nobody is signed out while inviting many people. */
const lifetimeMs = 12 * 3_600_000;

/**
 * @param adminToken the key of the signature is derived from it: a new token signs everybody out
 * @param publicUrl where browsers reach the service through its proxy; null: not known
 */
export function createSessions(options: {
  readonly store: Pick<Store, 'endSession' | 'isSessionEnded'>;
  readonly tokens: Pick<Tokens, 'callerOfId'>;
  readonly adminToken: string;
  readonly publicUrl: string | null;
  readonly basePath: string;
  readonly newId: NewId;
  readonly now: () => number;
}): Sessions {
  const { store, tokens, publicUrl, newId, now } = options;
  const path = options.basePath === '' ? '/' : options.basePath;
  const key = createHmac('sha256', options.adminToken).update('dashboard session').digest('hex');

  async function current(c: Context): Promise<Session | null> {
    const value = await getSignedCookie(c, key, cookieName);
    const [, id, until, tokenId, zone] =
      /^(\w+)\.(\d+)\.(?:(tok_\w+)\.)?(\S+)$/.exec(value || '') ?? [];
    if (!id || !until || !zone || Number(until) <= now()) return null;
    if (await store.isSessionEnded(id)) return null;
    const caller = await tokens.callerOfId(tokenId ?? null);
    return caller && { id, until: Number(until), zone: knownZone(zone), caller };
  }

  return {
    async begin(c, zone, caller) {
      const until = now() + lifetimeMs;
      const session = { id: newId('ses'), until, zone: knownZone(zone), caller };
      const token = caller.tokenId === null ? '' : `${caller.tokenId}.`;
      const value = `${session.id}.${until}.${token}${session.zone}`;
      await setSignedCookie(c, cookieName, value, key, {
        path,
        httpOnly: true,
        // `Lax`: a link in a mail opens a page without a new sign-in. `ownFormsOnly` protects the forms.
        sameSite: 'Lax',
        secure: isHttps(c, publicUrl),
        expires: new Date(session.until),
      });
      return session;
    },
    current,
    async end(c) {
      const session = await current(c);
      deleteCookie(c, cookieName, { path });
      if (session) await store.endSession({ id: session.id, until: session.until, now: now() });
    },
  };
}

/**
 * Whether the browser uses https. The header of the proxy decides. Without that header, `PUBLIC_URL`
 * must be https and have the host of the request.
 */
export function isHttps(c: Context, publicUrl: string | null): boolean {
  const forwarded = c.req.header('x-forwarded-proto')?.split(',')[0]?.trim();
  if (forwarded !== undefined) return forwarded === 'https';
  if (publicUrl === null) return false;
  const { protocol, host } = new URL(publicUrl);
  return protocol === 'https:' && host === c.req.header('host');
}
