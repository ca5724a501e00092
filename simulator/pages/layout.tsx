import type { Child } from 'hono/jsx';

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5b6678; --line: #dde2ea; --paper: #f5f7fa;
  --card: #fff; --accent: #1f5fbf; --on-accent: #fff; --notice: #fff6dd; --good: #1c7a43; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf1; --soft: #9ca8ba; --line: #333c4a;
  --paper: #14181f; --card: #1c222c; --accent: #8ab4f8; --on-accent: #10141a; --notice: #3a3219; --good: #7fd49f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
.notice { background: var(--notice); padding: .6rem 1rem; text-align: center; }
main { max-width: 72rem; margin: 0 auto; padding: 1rem; }
main.narrow { max-width: 28rem; padding-top: 3rem; }
h1 { font-size: 1.5rem; margin: .5rem 0 1rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
.card, li { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .6rem; }
li { display: grid; gap: .1rem 1rem; overflow-wrap: anywhere; }
@media (min-width: 700px) { li { grid-template-columns: 2fr 2fr 1.5fr 1.5fr; align-items: baseline; } }
.soft { color: var(--soft); } .good { color: var(--good); } a { color: var(--accent); }
label { display: block; margin: 0 0 1rem; } input { display: block; width: 100%; margin-top: .25rem;
  padding: .6rem .7rem; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line);
  border-radius: .4rem; }
button { padding: .65rem 1.2rem; font: inherit; font-weight: 600; color: var(--on-accent);
  background: var(--accent); border: 0; border-radius: .4rem; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;

/** The frame of both pages: says first that the portal is simulated; no script, no outside asset. */
export function Layout(props: {
  readonly title: string;
  readonly narrow?: boolean;
  readonly refreshSeconds?: number;
  readonly children?: Child;
}) {
  const { title, narrow, refreshSeconds, children } = props;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        {refreshSeconds && <meta http-equiv="refresh" content={String(refreshSeconds)} />}
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <div class="notice">
          <strong>Simulated portal.</strong> It stands in for ONLYOFFICE DocSpace: no account is
          real and no letter is sent.
        </div>
        <main class={narrow ? 'narrow' : ''}>{children}</main>
      </body>
    </html>
  );
}
