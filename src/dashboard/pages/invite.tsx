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
          <CommonFields viewer={viewer} prefix="" draft={draft} canMail={canMail} />
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
          <CommonFields
            viewer={viewer}
            prefix="file-"
            draft={emptyDraft(canMail)}
            canMail={canMail}
          />
          <div>
            <button type="submit">{invite.upload}</button>
          </div>
        </form>
      </section>
    </Layout>
  );
}

type CommonProps = {
  readonly viewer: Viewer;
  /** The beginning of each field's name. */
  readonly prefix: '' | 'file-';
  readonly draft: Draft;
  readonly canMail: boolean;
};

/** The fields that both forms have. */
function CommonFields(props: CommonProps) {
  const { prefix, draft } = props;
  const { invite, words } = props.viewer.t;
  return (
    <>
      <Choice
        name={`${prefix}employeeType`}
        label={invite.type}
        options={employeeTypes.map((one) => [one, words.types[one]])}
        chosen={draft.employeeType}
      />
      <ModeChoice {...props} />
      <TextField
        name={`${prefix}language`}
        value={draft.language}
        label={invite.language}
        hint={invite.languageHint}
        maxlength={35}
        spellcheck={false}
      />
      <TextField
        name={`${prefix}note`}
        value={draft.note}
        label={invite.note}
        hint={invite.noteHint}
        maxlength={500}
      />
    </>
  );
}

function ModeChoice({ viewer, prefix, draft: { mode: chosen }, canMail }: CommonProps) {
  const { invite } = viewer.t;
  const name = `${prefix}mode`;
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
