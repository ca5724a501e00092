import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { assetPath } from '../assets.ts';
import { type Language, languages, phrasesOf } from '../language.ts';
import type { View } from '../view.ts';
import { Moment } from './moment.tsx';

type Place = 'overview' | 'invitations' | 'invite' | 'health';
const places: Readonly<Record<Place, string>> = {
  overview: '/',
  invitations: '/invitations',
  invite: '/invite',
  health: '/health',
};

/** As HCON (htmx 4): nothing is injected or evaluated, and an open disclosure stays open. */
const htmxConfig =
  '{"includeIndicatorCSS":false,"history":false,"morphIgnore":["data-htmx-powered","open"],"defaultTimeout":15000}';

/**
 * The frame of every page after sign-in.
 * @param isLive what is inside is fetched again while the page is open
 */
export function Layout(props: {
  readonly view: View;
  readonly title: string;
  readonly place: Place | null;
  readonly isLive?: boolean;
  readonly children: Child;
}) {
  const { view, title, place, isLive = false } = props;
  const { frame } = view.say;
  const live = isLive
    ? {
        'hx-get': view.here,
        'hx-trigger': 'every 3s',
        'hx-select': '#live',
        'hx-swap': 'outerMorph ignoreTitle:true',
      }
    : {};
  return (
    <Document language={view.language} title={`${title} · ${view.portalHost}`}>
      <a class="skip" href="#main">
        {frame.skip}
      </a>
      <header class="top">
        <p class="brand">{view.portalHost}</p>
        <nav>
          {(Object.keys(places) as Place[]).map((one) => (
            <a href={places[one]} aria-current={one === place ? 'page' : undefined}>
              {frame[one]}
            </a>
          ))}
        </nav>
        <form method="post" action="/sign-out">
          <button class="quiet" type="submit">
            {frame.signOut}
          </button>
        </form>
      </header>
      <main id="main" tabindex={-1}>
        {view.said && (
          <p class={`said ${view.said.tone}`} role="status">
            {view.said.text}
          </p>
        )}
        <div id="live" {...live}>
          <h1>{title}</h1>
          {props.children}
          {isLive && (
            <p class="updated soft">
              {frame.updated} <Moment view={view} at={view.now} seconds />. {frame.live}{' '}
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
      <Footer view={view} />
    </Document>
  );
}

function Footer({ view }: { readonly view: View }) {
  const { frame } = view.say;
  return (
    <footer>
      <p>
        {frame.timesIn(view.zone)} <a href="/docs">{frame.documentation}</a>
      </p>
      <LanguageForm view={view} />
    </footer>
  );
}

export function LanguageForm(props: { readonly view: Pick<View, 'say' | 'language' | 'here'> }) {
  const { say, language, here } = props.view;
  return (
    <form method="post" action="/language" class="languages" aria-label={say.frame.languages}>
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
          {phrasesOf(one).language}
        </button>
      ))}
    </form>
  );
}

/** The document itself: nothing comes from elsewhere, and nothing in it runs by itself. */
export function Document(props: {
  readonly language: Language;
  readonly title: string;
  readonly children: Child;
}) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang={props.language}>
        <head>
          <meta charset="utf-8" />
          <title>{props.title}</title>
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="robots" content="noindex" />
          <meta name="htmx-config" content={htmxConfig} />
          <link rel="icon" href={assetPath('icon.svg')} type="image/svg+xml" />
          <link rel="stylesheet" href={assetPath('dashboard.css')} />
          <script src={assetPath('htmx.js')} defer />
          <script src={assetPath('dashboard.js')} defer />
        </head>
        <body>{props.children}</body>
      </html>
    </>
  );
}
