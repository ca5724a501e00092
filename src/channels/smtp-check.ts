import { createTransport } from 'nodemailer';
import type { SmtpServer } from './smtp-channel.ts';
import { outcomeOfFailure } from './smtp-outcome.ts';

/**
 * Connects to the mail server, encrypts, and logs in; sends nothing.
 * @param ca PEM, of a server that no public authority vouches for
 * @returns null when all went well, else a sentence without a secret
 */
export async function checkSmtp(options: {
  readonly server: SmtpServer;
  readonly timeoutMs: number;
  readonly ca?: string;
}): Promise<string | null> {
  const { server, timeoutMs, ca } = options;
  const transport = createTransport({
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: server.requireTls,
    ...(server.login ? { auth: { user: server.login.user, pass: server.login.password } } : {}),
    ...(ca === undefined ? {} : { tls: { ca } }),
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  try {
    await transport.verify();
    return null;
  } catch (error) {
    return outcomeOfFailure(error, false).detail;
  } finally {
    transport.close();
  }
}
