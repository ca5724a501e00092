import { request } from 'undici';

/** An address that does not answer itself. */
export type Redirect = { readonly status: number; readonly location: string };

const timeoutMs = 3_000;

/**
 * Asks the address of this service as a portal does before it saves a webhook, and follows nothing.
 * @returns null if it does not redirect, or if this machine cannot reach it
 */
export async function redirectOf(uri: string): Promise<Redirect | null> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const { statusCode: status, headers, body } = await request(uri, { method: 'HEAD', signal });
    await body.dump();
    const location = [headers['location']].flat()[0];
    return status >= 300 && status < 400 && location ? { status, location } : null;
  } catch {
    return null;
  }
}
