import { Document, LanguageForm } from '../components/layout.tsx';
import type { Flash, Visitor } from '../viewer.ts';

/** A form that was sent without a session. Hidden fields of the sign-in page contain its text. */
export type KeptForm = {
  readonly prefix: string;
  readonly fields: Readonly<Record<string, string>>;
};

export function SignInPage(props: {
  readonly viewer: Visitor;
  /** The page to go to afterwards. */
  readonly next: string;
  readonly flash: Flash | null;
  readonly kept: KeptForm | null;
}) {
  const { viewer, next, flash, kept } = props;
  const { signIn } = viewer.t;
  return (
    <Document viewer={viewer} title={signIn.title}>
      <main class="narrow" id="main">
        <h1>{viewer.portalHost}</h1>
        <p class="soft">{signIn.intro}</p>
        {flash && (
          <p class={`flash ${flash.tone}`} role="alert" id="flash">
            {flash.text}
          </p>
        )}
        <form method="post" action={viewer.url('/sign-in')} class="card fields">
          <input type="hidden" name="next" value={next} />
          <input type="hidden" name="zone" value="UTC" />
          {kept &&
            Object.entries(kept.fields).map(([name, value]) => (
              <input type="hidden" name={kept.prefix + name} value={value} />
            ))}
          {/* A password manager finds the token by this user name. */}
          <input type="text" name="username" value="admin" autocomplete="username" hidden />
          <div>
            <label for="token">{signIn.token}</label>
            <input
              id="token"
              name="token"
              type="password"
              autocomplete="current-password"
              required
              autofocus
              aria-describedby="token-hint"
              aria-invalid={flash?.text === signIn.wrong ? 'true' : undefined}
            />
            <p class="hint" id="token-hint">
              {signIn.hint}
            </p>
          </div>
          <div>
            <button type="submit" class="primary">
              {signIn.button}
            </button>
          </div>
        </form>
        {/* A change of the language would load the page again, without the kept text. */}
        {!kept && <LanguageForm viewer={viewer} />}
      </main>
    </Document>
  );
}
