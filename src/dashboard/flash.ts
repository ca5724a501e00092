import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { isHttps } from './session.ts';
import type { Flash } from './viewer.ts';

export type Flashes = {
  /** Keeps the flash in the browser, for the next page of this session on any replica. */
  readonly put: (c: Context, sessionId: string, flash: Flash) => void;
  /** Removes the flash from the browser, so that it is shown only once. Null: this session has none. */
  readonly take: (c: Context, sessionId: string) => Flash | null;
};

const cookieName = 'docspace_welcome_flash';
/** Browsers drop cookies of more than 4,096 bytes. A character can need three bytes; base64 adds a third. */
const longestText = 800;
const lifetimeSeconds = 600;

/** @param adminToken the key of the signatures is derived from this token */
export function createFlashes(options: {
  readonly adminToken: string;
  readonly publicUrl: string | null;
  readonly basePath: string;
}): Flashes {
  const { publicUrl } = options;
  const path = options.basePath === '' ? '/' : options.basePath;
  const key = createHmac('sha256', options.adminToken).update('dashboard flash').digest();
  // The signature covers the session's id, so that nobody else who uses this browser sees the text.
  const sign = (sessionId: string, content: string) =>
    createHmac('sha256', key).update(`${sessionId}.${content}`).digest('base64url');

  return {
    put(c, sessionId, { tone, text }) {
      const content = Buffer.from(`${tone} ${text.slice(0, longestText)}`).toString('base64url');
      setCookie(c, cookieName, `${content}.${sign(sessionId, content)}`, {
        path,
        httpOnly: true,
        sameSite: 'Lax',
        secure: isHttps(c, publicUrl),
        maxAge: lifetimeSeconds,
      });
    },
    take(c, sessionId) {
      const value = getCookie(c, cookieName);
      if (value === undefined) return null;
      deleteCookie(c, cookieName, { path });
      const [content = '', signature = ''] = value.split('.');
      const expected = Buffer.from(sign(sessionId, content));
      const given = Buffer.from(signature);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
      const [, tone, text] =
        /^(good|wrong) (.*)$/s.exec(String(Buffer.from(content, 'base64url'))) ?? [];
      return text === undefined ? null : { tone: tone === 'good' ? 'good' : 'wrong', text };
    },
  };
}
