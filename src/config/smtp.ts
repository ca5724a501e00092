import { z } from 'zod';

/** The mail server: the parts of `SMTP_URL`. */
export type SmtpUrl = {
  readonly host: string;
  readonly port: number;
  /** True if the connection uses TLS from its first byte (`smtps:`). */
  readonly secure: boolean;
  /** True if mails are never sent without STARTTLS. */
  readonly requireTls: boolean;
  /** `off`: STARTTLS is never used. `insecure`: the certificate is not checked. */
  readonly tls?: 'off' | 'insecure';
  readonly login: { readonly user: string; readonly password: string } | null;
};

/**
 * `smtps://user:password@host`, or `smtp://…`. The latter requires STARTTLS unless it has
 * `?requireTLS=false` or `?tls=off`. `?tls=insecure` accepts any certificate.
 */
export const smtpUrl = z.string().transform((text, context): SmtpUrl => {
  const parsed = parseSmtpUrl(text);
  if (typeof parsed !== 'string') return parsed;
  context.addIssue({ code: 'custom', message: parsed });
  return z.NEVER;
});

/**
 * @returns the parts, or a fault as a sentence. The fault repeats nothing of the text, because the text
 *   can contain a password.
 */
function parseSmtpUrl(text: string): SmtpUrl | string {
  const form = 'is not of the form smtps://user:password@mail.example.com';
  if (!URL.canParse(text)) return form;
  const url = new URL(text);
  const isSecure = url.protocol === 'smtps:';
  if (!isSecure && url.protocol !== 'smtp:') return form;
  if (url.hostname === '') return `${form}: the host is missing`;
  if (!/^\/?$/.test(url.pathname))
    return 'has a path: percent-encode / in user and password as %2F';
  const unknown = [...url.searchParams.keys()].filter((name) => !/^(requireTLS|tls)$/.test(name));
  if (unknown.length > 0) return 'has an option other than requireTLS=false, tls=off, tls=insecure';
  const requireTls = url.searchParams.get('requireTLS') ?? 'true';
  if (requireTls !== 'true' && requireTls !== 'false') return 'has a requireTLS that is not false';
  const tls = url.searchParams.get('tls');
  if (tls !== null && tls !== 'off' && tls !== 'insecure')
    return 'has a tls that is neither off nor insecure';
  if (tls === 'off' && isSecure) return 'has tls=off, but smtps:// is TLS: write smtp://';
  const user = decoded(url.username);
  const password = decoded(url.password);
  if (user === null || password === null) return 'has a % that is not percent-encoded as %25';
  if ((user === '') !== (password === '')) return 'has a user without a password, or the reverse';
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (isSecure ? 465 : 587) : Number(url.port),
    secure: isSecure,
    requireTls: !isSecure && tls !== 'off' && requireTls === 'true',
    ...(tls === null ? {} : { tls }),
    login: user === '' ? null : { user, password },
  };
}

/** A mailbox: `Name <address>`, or only an address. */
export const mailbox = z.string().transform((text, context) => {
  const [, name = '', address = text] = /^([^<>]*)<([^<>]+)>$/.exec(text.trim()) ?? [];
  const plain = { name: name.trim().replace(/^"(.*)"$/, '$1'), address: address.trim() };
  const isAddress = /^[^\s@<>()[\]\\",:;]{1,64}@[^\s@<>()[\]\\",:;]{1,190}$/.test(plain.address);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would end the header
  if (isAddress && !/[\u0000-\u001f\u007f]/.test(plain.name)) return plain;
  const message = 'is not an address such as Example Office <office@example.com>';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
