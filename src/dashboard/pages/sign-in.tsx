import { Document, LanguageForm } from '../components/layout.tsx';
import type { Said, View } from '../view.ts';

export function SignInPage(props: {
  readonly view: Pick<View, 'say' | 'language' | 'portalHost' | 'here'>;
  /** Where to go afterwards. */
  readonly next: string;
  readonly said: Said | null;
}) {
  const { view, next, said } = props;
  const { signIn } = view.say;
  return (
    <Document language={view.language} title={`${signIn.title} · ${view.portalHost}`}>
      <main class="narrow" id="main">
        <h1>{view.portalHost}</h1>
        <p class="soft">{signIn.intro}</p>
        {said && (
          <p class={`said ${said.tone}`} role="alert" id="said">
            {said.text}
          </p>
        )}
        <form method="post" action="/sign-in" class="card fields">
          <input type="hidden" name="next" value={next} />
          <input type="hidden" name="zone" value="UTC" />
          {/* By it a password store tells this token from others. */}
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
              aria-invalid={said?.tone === 'wrong' ? 'true' : undefined}
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
        <LanguageForm view={view} />
      </main>
    </Document>
  );
}
