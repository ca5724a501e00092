import { employeeTypes } from '../../domain/vocabulary.ts';
import { Choice } from '../components/choice.tsx';
import { Layout } from '../components/layout.tsx';
import type { View } from '../view.ts';

/** What is wrong; `language` where that is not the language of the page. */
export type Fault = { readonly text: string; readonly language?: 'en' };

/** What was filled in, so that a mistake costs no second typing. */
export type Draft = {
  readonly addresses: string;
  readonly employeeType: string;
  readonly mode: string;
  readonly note: string;
};
export const emptyDraft: Draft = { addresses: '', employeeType: 'Guest', mode: 'link', note: '' };

export function InvitePage(props: {
  readonly view: View;
  readonly draft: Draft;
  /** Why the form, or the file, was not taken. */
  readonly faults: readonly Fault[];
}) {
  const { view, draft, faults } = props;
  const { invite } = view.say;
  return (
    <Layout view={view} title={invite.title} place="invite">
      {faults.length > 0 && (
        <div class="said wrong" role="alert">
          <p>{invite.notValid}</p>
          <ul>
            {faults.map(({ text, language }) => (
              <li lang={language}>{text}</li>
            ))}
          </ul>
        </div>
      )}
      <form method="post" action="/invite" class="card fields">
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
        <TypeChoice view={view} name="employeeType" chosen={draft.employeeType} />
        <ModeChoice view={view} name="mode" chosen={draft.mode} />
        <NoteField view={view} name="note" value={draft.note} />
        <div>
          <button type="submit" class="primary">
            {invite.button}
          </button>
        </div>
      </form>
      <section class="card" aria-labelledby="from-file">
        <h2 id="from-file">{invite.fromFile}</h2>
        <form method="post" action="/invite/file" enctype="multipart/form-data" class="fields">
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
          <TypeChoice view={view} name="file-employeeType" chosen="Guest" />
          <ModeChoice view={view} name="file-mode" chosen="link" />
          <NoteField view={view} name="file-note" value="" />
          <div>
            <button type="submit">{invite.upload}</button>
          </div>
        </form>
      </section>
    </Layout>
  );
}

type ChoiceProps = { readonly view: View; readonly name: string; readonly chosen: string };

function TypeChoice({ view, name, chosen }: ChoiceProps) {
  const { invite, words } = view.say;
  const options = employeeTypes.map((one) => [one, words.types[one]] as const);
  return <Choice name={name} label={invite.type} options={options} chosen={chosen} />;
}

function ModeChoice({ view, name, chosen }: ChoiceProps) {
  const { invite } = view.say;
  return (
    <fieldset aria-describedby={`${name}-hint`}>
      <legend>{invite.mode}</legend>
      <label>
        <input type="radio" name={name} value="link" checked={chosen !== 'email'} />
        {invite.byLink}
      </label>
      <label>
        <input type="radio" name={name} value="email" checked={chosen === 'email'} />
        {invite.byEmail}
      </label>
      <p class="hint" id={`${name}-hint`}>
        {invite.typeHint}
      </p>
    </fieldset>
  );
}

function NoteField(props: { readonly view: View; readonly name: string; readonly value: string }) {
  const { view, name, value } = props;
  const { invite } = view.say;
  return (
    <div>
      <label for={name}>{invite.note}</label>
      <input
        id={name}
        name={name}
        value={value}
        maxlength={500}
        aria-describedby={`${name}-hint`}
        autocomplete="off"
      />
      <p class="hint" id={`${name}-hint`}>
        {invite.noteHint}
      </p>
    </div>
  );
}
