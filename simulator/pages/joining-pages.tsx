import { Layout } from './layout.tsx';

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

/** Its button does what the link of the activation letter does. */
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
