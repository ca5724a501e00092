import { createHmac } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import type { NewId } from '../ids.ts';
import { knownZone } from './formats.ts';

/** Somebody who signed in with the admin token. Stateless but for those who signed out. */
export type Session = {
  readonly id: string;
  /** The time zone of the browser, for every time that is shown. */
  readonly zone: string;
  /** UTC ms. */
  readonly until: number;
};

export type Sessions = {
  readonly begin: (c: Context, zone: string) => Promise<void>;
  /** Null: nobody signed in, the session is over, or the token was changed since. */
  readonly current: (c: Context) => Promise<Session | null>;
  readonly end: (c: Context) => Promise<void>;
};

const cookieName = 'docspace_welcome';
/** A working day: the page stays open on the day of a big invitation, and not for ever. */
const lifetimeMs = 12 * 3_600_000;

/**
 * @param adminToken the key of the signature follows from it: a new token signs everybody out
 * @param publicUrl where the service is reached through its proxy; null: not known
 */
export function createSessions(options: {
  readonly adminToken: string;
  readonly publicUrl: string | null;
  readonly newId: NewId;
  readonly now: () => number;
}): Sessions {
  const { publicUrl, newId, now } = options;
  const key = createHmac('sha256', options.adminToken).update('dashboard session').digest('hex');
  /** Until when a session that was signed out would have lived. */
  const ended = new Map<string, number>();

  async function current(c: Context): Promise<Session | null> {
    const value = await getSignedCookie(c, key, cookieName);
    const [, id, until, zone] = /^(\w+)\.(\d+)\.(\S+)$/.exec(value || '') ?? [];
    if (!id || !until || !zone) return null;
    const session = { id, until: Number(until), zone: knownZone(zone) };
    return session.until > now() && !ended.has(id) ? session : null;
  }

  return {
    async begin(c, zone) {
      const until = now() + lifetimeMs;
      const value = `${newId('ses')}.${until}.${knownZone(zone)}`;
      await setSignedCookie(c, cookieName, value, key, {
        path: '/',
        httpOnly: true,
        sameSite: 'Strict',
        secure: isHttps(c, publicUrl),
        expires: new Date(until),
      });
    },
    current,
    async end(c) {
      const session = await current(c);
      if (session) ended.set(session.id, session.until);
      for (const [id, until] of ended) if (until <= now()) ended.delete(id);
      deleteCookie(c, cookieName, { path: '/' });
    },
  };
}

/** TLS ends at a proxy, which says so; or the address asked for is the public one. */
function isHttps(c: Context, publicUrl: string | null): boolean {
  const said = c.req.header('x-forwarded-proto')?.split(',')[0]?.trim();
  if (said !== undefined) return said === 'https';
  if (publicUrl === null) return false;
  const { protocol, host } = new URL(publicUrl);
  return protocol === 'https:' && host === c.req.header('host');
}
