import type { Child } from 'hono/jsx';
import type { Letter } from '../joining/letters.ts';
import { displayName, isActivated, type PortalUser, STATUS } from '../people/person.ts';
import type { World } from '../world.ts';

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

/**
 * The layout of every page. The notice at the top says that the portal is simulated. There is no script
 * and no external asset.
 */
function Layout(props: {
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

/** The form behind an invitation link; `fixedEmail` is the address of an e-mail invitation. */
export function RegistrationPage(props: {
  readonly action: string;
  readonly fixedEmail: string | undefined;
}) {
  const { action, fixedEmail } = props;
  return (
    <Layout title="Join · simulated portal" narrow>
      <form class="card" method="post" action={action}>
        <h1>You are invited</h1>
        <label>
          First name
          <input name="firstName" required autocomplete="given-name" maxlength={64} />
        </label>
        <label>
          Last name
          <input name="lastName" required autocomplete="family-name" maxlength={64} />
        </label>
        <label>
          E-mail
          <input
            name="email"
            type="email"
            required
            autocomplete="email"
            value={fixedEmail}
            readonly={fixedEmail !== undefined}
          />
        </label>
        <button type="submit">Join</button>
      </form>
    </Layout>
  );
}

/** The button of this page does the same as the link of the activation letter. */
export function ConfirmationPage({ action }: { readonly action: string }) {
  return (
    <Layout title="Confirm your e-mail · simulated portal" narrow>
      <form class="card" method="post" action={action}>
        <h1>One more step: confirm your e-mail</h1>
        <p>The portal has sent a letter with a link. This button stands for it.</p>
        <button type="submit">Confirm e-mail</button>
      </form>
    </Layout>
  );
}

export function InPage({ email }: { readonly email: string }) {
  return (
    <Layout title="You are in · simulated portal" narrow>
      <div class="card">
        <h1>You are in</h1>
        <p>{email} is an active account of this portal.</p>
        <a href="/">See the people of this portal</a>
      </div>
    </Layout>
  );
}

export function ProblemPage({ text }: { readonly text: string }) {
  return (
    <Layout title="This did not work · simulated portal" narrow>
      <div class="card">
        <h1>This did not work</h1>
        <p>{text}</p>
        <a href="/">See the people of this portal</a>
      </div>
    </Layout>
  );
}

const MOST_SHOWN = 200;
const REFRESH_SECONDS = 2;

/** Lists the people in the portal and the letters that it sent, newest first. */
export function PeoplePage({ world }: { readonly world: World }) {
  const view = world.people.view({
    name: 'people page',
    matches: () => true,
    sortKey: (user) => user.createDate,
  });
  const people = view.page({ start: 0, count: MOST_SHOWN, descending: true });
  const letters = world.letters.slice(-MOST_SHOWN).reverse();
  const welcomes = new Map(world.congratulations.map(({ userId, at }) => [userId, at]));
  return (
    <Layout title="People · simulated portal" refreshSeconds={REFRESH_SECONDS}>
      <h1>People of this portal</h1>
      <p class="soft">{shown(people.length, view.total)} Times are in UTC.</p>
      <ul>
        {people.map((user) => (
          <Person user={user} welcomedAt={welcomes.get(user.id)} />
        ))}
      </ul>
      <h2>Letters the portal sent</h2>
      {letters.length === 0 && <p class="soft">None yet.</p>}
      <ul>
        {letters.map((letter) => (
          <LetterLine letter={letter} />
        ))}
      </ul>
    </Layout>
  );
}

function Person({ user, welcomedAt }: { user: PortalUser; welcomedAt: number | undefined }) {
  return (
    <li>
      <strong>{displayName(user) || 'No name yet'}</strong>
      <span>{user.email}</span>
      <span>
        {user.type} · {stateInWords(user)}
      </span>
      {welcomedAt === undefined ? (
        <span class="soft">no welcome</span>
      ) : (
        <span class="good">welcome sent {timeOfDay(welcomedAt)}</span>
      )}
    </li>
  );
}

function LetterLine({ letter }: { letter: Letter }) {
  return (
    <li>
      <strong>{letter.subject}</strong>
      <span>to {letter.to}</span>
      <span class="soft">{timeOfDay(letter.at)}</span>
      {letter.link !== undefined && <a href={letter.link}>open the link of this letter</a>}
    </li>
  );
}

function stateInWords(user: PortalUser): string {
  if (user.status === STATUS.terminated) return 'disabled';
  if (user.status === STATUS.pending) return 'invited';
  return isActivated(user) ? 'active' : 'registered, e-mail not confirmed';
}

function shown(count: number, total: number): string {
  return count < total ? `The newest ${count} of ${total} people.` : `${total} people.`;
}

function timeOfDay(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}
