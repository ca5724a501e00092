import type { Viewer, Visitor } from '../viewer.ts';

type Option = readonly [value: string, word: string];

/**
 * A labelled select.
 * @param any the word for "no choice"; if it is missing, one of the options is always chosen
 * @param groups options under headings, after those of `options`
 */
export function Choice(props: {
  readonly name: string;
  readonly label: string;
  readonly options?: readonly Option[];
  readonly groups?: readonly { readonly label: string; readonly options: readonly Option[] }[];
  readonly chosen: string | undefined;
  readonly any?: string;
}) {
  const { name, label, options = [], groups = [], chosen, any } = props;
  return (
    <div>
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        {any !== undefined && <option value="">{any}</option>}
        <Options options={options} chosen={chosen} />
        {groups.map((group) => (
          <optgroup label={group.label}>
            <Options options={group.options} chosen={chosen} />
          </optgroup>
        ))}
      </select>
    </div>
  );
}

function Options(props: {
  readonly options: readonly Option[];
  readonly chosen: string | undefined;
}) {
  return (
    <>
      {props.options.map(([value, word]) => (
        <option value={value} selected={value === props.chosen}>
          {word}
        </option>
      ))}
    </>
  );
}

/**
 * A button that first says what will happen. It is a `<details>` element, so it needs no script. Viewers do
 * not see it.
 * @param id unique on the page, so that an open explanation stays open when the page is updated
 */
export function Confirm(props: {
  readonly viewer: Viewer;
  readonly id: string;
  readonly action: string;
  readonly label: string;
  readonly explanation: string;
  readonly confirmLabel: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly isRisky?: boolean;
}) {
  const { id, action, label, explanation, confirmLabel, fields = {} } = props;
  if (!props.viewer.mayChange) return null;
  return (
    <details class="confirm" id={id}>
      <summary class={props.isRisky ? 'button grave' : 'button'}>{label}</summary>
      <form method="post" action={action}>
        <p>{explanation}</p>
        {Object.entries(fields).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <button type="submit" class={props.isRisky ? 'grave' : 'primary'}>
          {confirmLabel}
        </button>
      </form>
    </details>
  );
}

/** A button that copies a link. Without scripts there is no button; the page of the invitation shows the link. */
export function CopyLink(props: { readonly viewer: Visitor; readonly link: string }) {
  const { common } = props.viewer.t;
  return (
    <button
      type="button"
      class="small copy needs-script"
      data-copy={props.link}
      data-copied={common.copied}
    >
      {common.copy}
    </button>
  );
}
