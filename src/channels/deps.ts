import type { ChannelName } from '../domain/outcome.ts';
import type { DocspaceChannelOptions } from './docspace.ts';
import type { Mailbox, Mailer } from './mail.ts';
import type { Templates } from './templates.ts';

/** The mail server, from `SMTP_URL`. */
export type SmtpServer = {
  readonly host: string;
  readonly port: number;
  /** True if the connection uses TLS from its first byte (`smtps:`). */
  readonly secure: boolean;
  /** True if mails are never sent without STARTTLS. */
  readonly requireTls: boolean;
  /**
   * `off`: STARTTLS is not used even if the server offers it. `insecure`: the certificate is not
   * checked.
   */
  readonly tls?: 'off' | 'insecure';
  readonly login: { readonly user: string; readonly password: string } | null;
};

/** The settings that the channels use. Each field has the name of its setting. */
export type WelcomeSettings = {
  readonly DOCSPACE_URL: string;
  readonly PUBLIC_URL: string | null;
  readonly WELCOME_CHANNEL: readonly ChannelName[];
  readonly WELCOME_KEY: string;
  readonly WELCOME_KEY_LIFETIME: number;
  readonly DOCSPACE_MACHINE_KEY_FILE: string | null;
  readonly SMTP_URL: SmtpServer | null;
  readonly SMTP_NAME: string | null;
  readonly SMTP_CONNECTIONS: number;
  readonly SMTP_MAX_PER_MINUTE: number | null;
  readonly WELCOME_FROM: Mailbox | null;
  readonly WELCOME_TEMPLATES: string | null;
  readonly WELCOME_LANGUAGE: string;
};

/** The content of the files that the settings name, read once at start. */
export type ChannelFiles = {
  readonly machineKey: string | null;
  /** Null if neither `SMTP_URL` nor `WELCOME_TEMPLATES` is set. */
  readonly templates: Templates | null;
};

/** Everything that is needed to create channels. */
export type ChannelDeps = {
  readonly settings: WelcomeSettings;
  readonly files: ChannelFiles;
  readonly portal: Pick<DocspaceChannelOptions, 'send' | 'isPortalWell' | 'tenantId' | 'portalNow'>;
  /**
   * The portal's own language, for people whose language is not known or has no letter. Null if the
   * portal's language is not known (yet).
   */
  readonly portalCulture?: () => string | null;
  /** Null if `SMTP_URL` is not set. */
  readonly mailer: Mailer | null;
};
