import { employeeTypes } from '../../domain/vocabulary.ts';
import { Choice } from '../components/forms.tsx';
import { Layout } from '../components/layout.tsx';
import type { Viewer } from '../viewer.ts';

/** The text in the fields of the form, so that nobody has to type it again after a mistake. */
export type Draft = {
  readonly addresses: string;
  readonly employeeType: string;
  readonly mode: string;
  readonly note: string;
  readonly language: string;
};

/** @param canMail whether this service can mail letters; if so, the default mode is `smtp` */
export function emptyDraft(canMail: boolean): Draft {
  const mode = canMail ? 'smtp' : 'link';
  return { addresses: '', employeeType: 'Guest', mode, note: '', language: '' };
}

export function InvitePage(props: {
  readonly viewer: Viewer;
  readonly draft: Draft;
  readonly canMail: boolean;
  /** Sentences that say why nobody was invited. */
  readonly faults: readonly string[];
}) {
  const { viewer, draft, canMail, faults } = props;
  const empty = emptyDraft(canMail);
  const { invite } = viewer.t;
  return (
    <Layout viewer={viewer} title={invite.title} place="invite">
      {faults.length > 0 && (
        <div class="flash wrong" role="alert">
          <p>{invite.notValid}</p>
          <ul>
            {faults.map((fault) => (
              <li>{fault}</li>
            ))}
          </ul>
        </div>
      )}
      <section class="card">
        <form method="post" action={viewer.url('/invite')} class="fields">
          <div>
            <label for="addresses">{invite.people}</label>
            <textarea
              id="addresses"
              name="addresses"
              spellcheck={false}
              autocomplete="off"
              aria-describedby="addresses-hint"
            >
              {draft.addresses}
            </textarea>
            <p class="hint" id="addresses-hint">
              {invite.peopleHint}
            </p>
          </div>
          <TypeChoice viewer={viewer} name="employeeType" chosen={draft.employeeType} />
          <ModeChoice viewer={viewer} name="mode" chosen={draft.mode} canMail={canMail} />
          <TextField
            name="language"
            value={draft.language}
            label={invite.language}
            hint={invite.languageHint}
            maxlength={35}
            spellcheck={false}
          />
          <TextField
            name="note"
            value={draft.note}
            label={invite.note}
            hint={invite.noteHint}
            maxlength={500}
          />
          <div>
            <button type="submit" class="primary">
              {invite.button}
            </button>
          </div>
        </form>
      </section>
      <section class="card" aria-labelledby="from-file">
        <h2 id="from-file">{invite.fromFile}</h2>
        <form
          method="post"
          action={viewer.url('/invite/file')}
          enctype="multipart/form-data"
          class="fields"
        >
          <div>
            <label for="file">{invite.file}</label>
            <input
              id="file"
              name="file"
              type="file"
              accept=".csv,text/csv,text/plain"
              required
              aria-describedby="file-hint"
            />
            <p class="hint" id="file-hint">
              {invite.fileHint}
            </p>
          </div>
          <p class="hint">{invite.fileDefaults}</p>
          <TypeChoice viewer={viewer} name="file-employeeType" chosen={empty.employeeType} />
          <ModeChoice viewer={viewer} name="file-mode" chosen={empty.mode} canMail={canMail} />
          <TextField
            name="file-language"
            value=""
            label={invite.language}
            hint={invite.languageHint}
            maxlength={35}
            spellcheck={false}
          />
          <TextField
            name="file-note"
            value=""
            label={invite.note}
            hint={invite.noteHint}
            maxlength={500}
          />
          <div>
            <button type="submit">{invite.upload}</button>
          </div>
        </form>
      </section>
    </Layout>
  );
}

type ChoiceProps = { readonly viewer: Viewer; readonly name: string; readonly chosen: string };

function TypeChoice({ viewer, name, chosen }: ChoiceProps) {
  const { invite, words } = viewer.t;
  const options = employeeTypes.map((one) => [one, words.types[one]] as const);
  return <Choice name={name} label={invite.type} options={options} chosen={chosen} />;
}

function ModeChoice({
  viewer,
  name,
  chosen,
  canMail,
}: ChoiceProps & { readonly canMail: boolean }) {
  const { invite } = viewer.t;
  const byLetter = (
    <label>
      <input
        type="radio"
        name={name}
        value="smtp"
        checked={canMail && chosen === 'smtp'}
        disabled={!canMail}
        aria-describedby={canMail ? undefined : `${name}-no-mail`}
      />
      {invite.byLetter}
    </label>
  );
  return (
    <fieldset aria-describedby={`${name}-hint`}>
      <legend>{invite.mode}</legend>
      {canMail && byLetter}
      <label>
        <input
          type="radio"
          name={name}
          value="link"
          checked={chosen !== 'email' && !(canMail && chosen === 'smtp')}
        />
        {invite.byLink}
      </label>
      <label>
        <input type="radio" name={name} value="email" checked={chosen === 'email'} />
        {invite.byEmail}
      </label>
      {!canMail && byLetter}
      {!canMail && (
        <p class="hint" id={`${name}-no-mail`}>
          {invite.noMail}
        </p>
      )}
      <p class="hint" id={`${name}-hint`}>
        {invite.typeHint}
      </p>
    </fieldset>
  );
}

function TextField(props: {
  readonly name: string;
  readonly value: string;
  readonly label: string;
  readonly hint: string;
  readonly maxlength: number;
  readonly spellcheck?: boolean;
}) {
  const { name, value, label, hint, maxlength, spellcheck = true } = props;
  return (
    <div>
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        value={value}
        maxlength={maxlength}
        aria-describedby={`${name}-hint`}
        autocomplete="off"
        spellcheck={spellcheck}
      />
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
    </div>
  );
}
