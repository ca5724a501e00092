import { request } from 'undici';
import { adminToken, type World } from '../support/world.ts';

export type PageAnswer = {
  readonly status: number;
  readonly location: string | undefined;
  readonly cookie: string | undefined;
  /** The whole header. */
  readonly setCookie: string | undefined;
  readonly text: string;
};

/**
 * Sends a request as a visitor without a browser does, with the `origin` of this service unless
 * another one is given.
 */
export async function ask(
  world: World,
  method: 'GET' | 'HEAD' | 'POST' | 'PUT',
  path: string,
  given: {
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<PageAnswer> {
  const answer = await request(`${world.service.url}${path}`, {
    method,
    headers: { origin: world.service.url, ...given.headers },
    body: given.body ?? null,
  });
  const { location, 'set-cookie': cookies } = answer.headers;
  return {
    status: answer.statusCode,
    location: typeof location === 'string' ? location : undefined,
    cookie: [cookies].flat()[0]?.split(';')[0],
    setCookie: [cookies].flat()[0],
    text: await answer.body.text(),
  };
}

export const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** @returns the cookie of a new session */
export async function signIn(world: World): Promise<string> {
  const body = new URLSearchParams({ token: adminToken, zone: 'UTC' }).toString();
  const { cookie } = await ask(world, 'POST', '/sign-in', { body, headers: form });
  if (cookie === undefined) throw new Error('nobody was signed in');
  return cookie;
}
