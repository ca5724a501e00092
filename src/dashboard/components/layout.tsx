import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { languages } from '../../messages/render.ts';
import { assetPath } from '../assets.ts';
import { textsIn } from '../language.ts';
import type { Viewer, Visitor } from '../viewer.ts';
import { Moment } from './moment.tsx';

type Place = 'overview' | 'invitations' | 'people' | 'invite' | 'health';
const places: Readonly<Record<Place, string>> = {
  overview: '/',
  invitations: '/invitations',
  people: '/people',
  invite: '/invite',
  health: '/health',
};

/** Settings of htmx 4: it adds no styles, keeps no history, and leaves an open `<details>` open. */
const htmxConfig =
  '{"includeIndicatorCSS":false,"history":false,"morphIgnore":["data-htmx-powered","open"],"defaultTimeout":15000}';

/**
 * The layout of every page after sign-in.
 * @param isLive the content is fetched again while the page is open
 */
export function Layout(props: {
  readonly viewer: Viewer;
  readonly title: string;
  readonly place: Place | null;
  readonly isLive?: boolean;
  readonly children: Child;
}) {
  const { viewer, title, place, isLive = false } = props;
  const { frame } = viewer.t;
  const live = isLive
    ? {
        'hx-get': viewer.url(viewer.here),
        'hx-trigger': 'every 3s',
        'hx-select': '#live',
        'hx-swap': 'outerMorph ignoreTitle:true',
      }
    : {};
  return (
    <Document viewer={viewer} title={title}>
      <a class="skip" href="#main">
        {frame.skip}
      </a>
      <header class="top">
        <p class="brand">{viewer.portalHost}</p>
        <nav>
          {placesOf(viewer).map((one) => (
            <a href={viewer.url(places[one])} aria-current={one === place ? 'page' : undefined}>
              {frame[one]}
            </a>
          ))}
        </nav>
        <form method="post" action={viewer.url('/sign-out')}>
          <span class="soft" id="session">
            {sessionText(viewer)}
          </span>
          <button class="quiet" type="submit">
            {frame.signOut}
          </button>
        </form>
      </header>
      <main id="main" tabindex={-1}>
        {viewer.flash && (
          <p class={`flash ${viewer.flash.tone}`} role="status">
            {viewer.flash.text}
          </p>
        )}
        <div id="live" {...live}>
          <h1>{title}</h1>
          {props.children}
          {isLive && (
            <p class="updated soft">
              {frame.updated} <Moment viewer={viewer} at={viewer.now} seconds />. {frame.live}{' '}
              <button type="button" class="quiet needs-script" data-live-switch={frame.goOnLive}>
                {frame.stopLive}
              </button>
            </p>
          )}
        </div>
        <p class="lost" id="lost" role="alert" hidden>
          {frame.lost}
        </p>
      </main>
      <Footer viewer={viewer} />
    </Document>
  );
}

/** The places that the navigation shows. Viewers do not see the page that invites. */
function placesOf(viewer: Viewer): Place[] {
  // The type of Object.keys does not keep the names of the keys.
  const all = Object.keys(places) as Place[];
  return viewer.mayChange ? all : all.filter((one) => one !== 'invite');
}

/** Says who is signed in. */
function sessionText({ t, caller }: Viewer): string {
  return caller.name === null ? t.frame.admin : t.frame.session(caller.name, caller.role);
}

function Footer({ viewer }: { readonly viewer: Viewer }) {
  const { frame } = viewer.t;
  return (
    <footer>
      <p>
        {frame.timesIn(viewer.zone)} <a href={viewer.url('/docs')}>{frame.documentation}</a>
      </p>
      <LanguageForm viewer={viewer} />
    </footer>
  );
}

export function LanguageForm(props: { readonly viewer: Visitor }) {
  const { t, language, here, url } = props.viewer;
  return (
    <form method="post" action={url('/language')} class="languages" aria-label={t.frame.languages}>
      <input type="hidden" name="back" value={here} />
      {languages.map((one) => (
        <button
          class="quiet"
          type="submit"
          name="language"
          value={one}
          lang={one}
          aria-pressed={one === language ? 'true' : 'false'}
        >
          {textsIn(one).language}
        </button>
      ))}
    </form>
  );
}

/** The HTML document. It loads everything from this service and has no inline script. */
export function Document(props: {
  readonly viewer: Visitor;
  readonly title: string;
  readonly children: Child;
}) {
  const { viewer } = props;
  return (
    <>
      {raw('<!doctype html>')}
      <html lang={viewer.language}>
        <head>
          <meta charset="utf-8" />
          <title>{`${props.title} · ${viewer.portalHost}`}</title>
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="robots" content="noindex" />
          <meta name="htmx-config" content={htmxConfig} />
          <link rel="icon" href={viewer.url(assetPath('icon.svg'))} type="image/svg+xml" />
          <link rel="stylesheet" href={viewer.url(assetPath('dashboard.css'))} />
          <script src={viewer.url(assetPath('htmx.js'))} defer />
          <script src={viewer.url(assetPath('dashboard.js'))} defer />
        </head>
        <body>{props.children}</body>
      </html>
    </>
  );
}

/**
 * The links below a list, to its first and its next page.
 * @param newest null on the first page
 * @param older null on the last page
 */
export function Pager(props: {
  readonly viewer: Viewer;
  readonly newest?: string | null;
  readonly older: string | null;
}) {
  const { t, url } = props.viewer;
  const link = (path: string, word: string) => (
    <a class="button" href={url(path)}>
      {word}
    </a>
  );
  if (!props.newest && !props.older) return null;
  return (
    <p class="pager">
      {props.newest && link(props.newest, t.common.newest)}
      {props.older && link(props.older, t.common.older)}
    </p>
  );
}
