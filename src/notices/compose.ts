import { escapeText, markup } from '../channels/letter.ts';
import { domainOf, type Mail, type Mailbox, oneLine } from '../channels/mail.ts';
import { languageFor, type Templates } from '../channels/templates.ts';
import type { DigestPeriod } from '../domain/decide-notice.ts';
import type { NewId } from '../ids.ts';
import { languages, messagesIn, reasonText } from '../messages/render.ts';
import type { Cause } from './causes.ts';
import type { Digest, DigestRow } from './digest.ts';
import { maxRows } from './pages.ts';
import { digestSections, type NoticeTexts, noticeTexts } from './texts.ts';

/** Writes the notices, in English if `WELCOME_LANGUAGE` has no texts. Letters use the same HTML page. */
export type ComposeNotice = {
  /** @param stillOpen how many causes of earlier mails still exist */
  readonly attention: (to: Mailbox, causes: readonly Cause[], stillOpen: number) => Mail;
  readonly allClear: (to: Mailbox) => Mail;
  readonly digest: (to: Mailbox, digest: Digest, period: DigestPeriod) => Mail;
};

/** A part of a notice. Its texts are plain text, not HTML. `path` is a page of the dashboard. */
type Block =
  | { readonly kind: 'paragraph' | 'small'; readonly text: string }
  | { readonly kind: 'list'; readonly heading?: string; readonly items: readonly Item[] }
  | { readonly kind: 'button'; readonly label: string; readonly path: string };
type Item = { readonly title: string; readonly detail: string; readonly path: string };

/** The most rows that one list of a mail shows. */
const maxListed = 50;

export function createComposeNotice(options: {
  readonly templates: Pick<Templates, 'page'>;
  readonly from: Mailbox;
  readonly portalUrl: string;
  /** `PUBLIC_URL`. Without it, a mail has no links to the dashboard. */
  readonly publicUrl: string | null;
  /** `WELCOME_LANGUAGE` */
  readonly language: string;
  readonly newId: NewId;
}): ComposeNotice {
  const { templates, from, portalUrl, publicUrl } = options;
  const portalHost = new URL(portalUrl).host;
  const known = languageFor([options.language], (tag) => languages.some((one) => one === tag));
  const language = languages.find((one) => one === known) ?? 'en';
  const t = noticeTexts[language];
  const dayFormat = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    dateStyle: 'long',
  });
  const day = (at: number) => dayFormat.format(at);
  const number = new Intl.NumberFormat(language);

  function mail(to: Mailbox, subject: string, blocks: readonly Block[]): Mail {
    const content = blocks.map((block) => htmlOf(block, publicUrl)).join('\n');
    const page = { subject, language, direction: 'ltr', portalUrl, portalHost, content };
    return {
      from,
      to,
      subject: oneLine(subject),
      text: `${blocks.map((block) => textOf(block, publicUrl)).join('\n\n')}\n`,
      html: templates.page(page),
      language,
      messageId: `<${options.newId('notice')}@${domainOf(from.address)}>`,
    };
  }

  /** Returns the end of every notice: how to open the dashboard, and why this mail was sent. */
  function ending(why: string): Block[] {
    const way: Block =
      publicUrl === null
        ? { kind: 'paragraph', text: t.withoutLinks }
        : { kind: 'button', label: t.openDashboard, path: '/' };
    return [way, { kind: 'small', text: why }];
  }

  function itemOfRow({ email, employeeType, expiresAt, path }: DigestRow): Item {
    const title = email === null ? t.openLink(employeeType ?? '') : oneLine(email);
    return { title, detail: expiresAt === null ? '' : t.expiresOn(day(expiresAt)), path };
  }

  function listOf(items: readonly Item[], allPath: string, heading?: string): Block {
    const left = items.length - maxListed;
    const atLeast = items.length >= maxRows ? '+' : '';
    const more = { title: t.more(`${number.format(left)}${atLeast}`), detail: '', path: allPath };
    const shown = left > 0 ? [...items.slice(0, maxListed), more] : items;
    return { kind: 'list', items: shown, ...(heading === undefined ? {} : { heading }) };
  }

  return {
    attention(to, causes, stillOpen) {
      const open: Block[] =
        stillOpen > 0 ? [{ kind: 'paragraph', text: t.stillOpen(stillOpen) }] : [];
      return mail(to, t.attentionSubject(portalHost, causes.length), [
        { kind: 'paragraph', text: t.attentionIntro(causes.length) },
        listOf(
          causes.map((cause) => itemOf(cause, { t, language, day })),
          '/',
        ),
        ...open,
        ...ending(t.whyNotice),
      ]);
    },
    allClear: (to) =>
      mail(to, t.allClearSubject(portalHost), [
        { kind: 'paragraph', text: t.allClear },
        ...ending(t.whyNotice),
      ]),
    digest(to, digest, { since, until }) {
      const count = (rows: readonly DigestRow[]) =>
        `${number.format(rows.length)}${rows.length >= maxRows ? '+' : ''}`;
      // `digestSections` names every section.
      const counts = Object.fromEntries(
        digestSections.map((section) => [section, count(digest[section])]),
      ) as Record<(typeof digestSections)[number], string>;
      const lists = digestSections
        .filter((section) => digest[section].length > 0)
        .map((section): Block => {
          const items = digest[section].map((row) => {
            if (section !== 'expired' || row.expiresAt === null) return itemOfRow(row);
            return { ...itemOfRow(row), detail: t.expiredOn(day(row.expiresAt)) };
          });
          return listOf(items, pages[section], `${t.sections[section]} (${counts[section]})`);
        });
      return mail(to, t.digestSubject(portalHost, counts), [
        { kind: 'paragraph', text: t.digestIntro(day(since), day(until)) },
        ...lists,
        ...ending(t.whyDigest),
      ]);
    },
  };
}

/** The texts, the language and the date format of a mail. */
type Voice = {
  readonly t: NoticeTexts;
  readonly language: (typeof languages)[number];
  readonly day: (at: number) => string;
};

function itemOf(cause: Cause, { t, language, day }: Voice): Item {
  switch (cause.kind) {
    case 'failed':
    case 'unknown': {
      const { userId, email, reason } = cause.member;
      const isFailed = cause.kind === 'failed';
      const who = oneLine(email ?? userId);
      const why = reason === null ? '' : reasonText(reason, language);
      return {
        title: isFailed ? t.failed(who) : t.unknown(who),
        detail: sentences(why, isFailed ? t.failedAdvice : t.unknownAdvice),
        path: `/people/${userId}`,
      };
    }
    case 'letter': {
      const { id, email } = cause.invitation;
      const isRefused = cause.letter === 'refused';
      const who = oneLine(email ?? id);
      return {
        title: isRefused ? t.letterRefused(who) : t.letterUnknown(who),
        detail: isRefused ? t.letterRefusedAdvice : t.letterUnknownAdvice,
        path: `/invitations/${id}`,
      };
    }
    case 'pause': {
      const { name, reason } = cause.pause;
      // The reasons of the other pauses say when to resume.
      const advice = name.startsWith('channel:') ? t.pauseAdvice : '';
      const detail = sentences(reasonText(reason, language), advice);
      return { title: pauseTitle(t, cause.pause), detail, path: '/health' };
    }
    case 'key_expires':
      return { title: t.keyExpires(day(cause.expiresAt)), detail: t.keyAdvice, path: '/health' };
    case 'health': {
      const detail = sentences(messagesIn(language).health[cause.code]);
      return { title: t.health[cause.part], detail, path: '/health' };
    }
    default:
      return cause satisfies never;
  }
}

/** For each section, the page of the dashboard that lists its rows. */
const pages: Readonly<Record<(typeof digestSections)[number], string>> = {
  invited: '/invitations',
  came: '/people',
  welcomed: '/people?state=welcomed',
  waiting: '/invitations?status=issued',
  expiring: '/invitations?status=issued',
  expired: '/invitations?status=expired',
};

function pauseTitle(t: NoticeTexts, { name, reason }: Extract<Cause, { kind: 'pause' }>['pause']) {
  switch (name) {
    case 'operator':
    case 'hourly':
    case 'restored':
    case 'account_used':
      return t.paused;
    case 'portal':
      return reason.code === 'portal_rejects_credentials' ? t.portalRefusesKey : t.portalAway;
    case 'channel:docspace':
      return t.pausedChannel('docspace');
    case 'channel:smtp':
      return t.pausedChannel('smtp');
    default:
      return name satisfies never;
  }
}

/** Turns phrases into sentences (capital letter, full stop) and joins them. Leaves out empty phrases. */
function sentences(...phrases: readonly string[]): string {
  return phrases
    .filter((phrase) => phrase !== '')
    .map((phrase) => phrase.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase()))
    .map((phrase) => (/[.!?]$/.test(phrase) ? phrase : `${phrase}.`))
    .join(' ');
}

function textOf(block: Block, publicUrl: string | null): string {
  switch (block.kind) {
    case 'paragraph':
      return block.text;
    case 'small':
      // Mail programs show what follows the line "-- " (with the space) as a signature (RFC 3676, 4.3).
      return `-- \n${block.text}`;
    case 'button':
      return `${block.label}:\n${publicUrl}${block.path}`;
    case 'list': {
      const lines = block.items.map(({ title, detail, path }) => {
        const link = publicUrl === null ? '' : `${publicUrl}${path}`;
        return `- ${[title, detail, link].filter((line) => line !== '').join('\n  ')}`;
      });
      return [...(block.heading === undefined ? [] : [block.heading, '']), ...lines].join('\n');
    }
    default:
      return block satisfies never;
  }
}

function htmlOf(block: Block, publicUrl: string | null): string {
  switch (block.kind) {
    case 'paragraph':
      return markup.paragraph(escapeText(block.text));
    case 'small':
      return markup.small(escapeText(block.text));
    case 'button':
      return markup.button(escapeText(`${publicUrl}${block.path}`), escapeText(block.label));
    case 'list': {
      const heading =
        block.heading === undefined
          ? ''
          : `<h2 style="margin:26px 0 8px;font-size:16px;line-height:1.4">${escapeText(block.heading)}</h2>`;
      const items = block.items.map((item) => htmlItem(item, publicUrl)).join('');
      return `${heading}<ul style="margin:0 0 18px;padding:0;list-style:none">${items}</ul>`;
    }
    default:
      return block satisfies never;
  }
}

/** Writes an item of a list. The whole title is the link, so that it is easy to tap on a phone. */
function htmlItem({ title, detail, path }: Item, publicUrl: string | null): string {
  const text = escapeText(title);
  const link =
    publicUrl === null
      ? `<strong>${text}</strong>`
      : `<a class="link" href="${escapeText(publicUrl + path)}" style="display:inline-block;padding:2px 0;color:#1f5fbf;font-weight:600">${text}</a>`;
  const more = detail === '' ? '' : `<br>${escapeText(detail)}`;
  return `<li class="item" style="margin:0;padding:10px 0;border-top:1px solid #e1e5eb">${link}${more}</li>`;
}
