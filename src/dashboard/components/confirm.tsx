/**
 * A button that first says what will happen: a disclosure, so that it needs no script.
 * @param id unique on the page: by it the disclosure stays open while the page is brought up to date
 */
export function Confirm(props: {
  readonly id: string;
  readonly action: string;
  readonly label: string;
  readonly says: string;
  readonly yes: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly isGrave?: boolean;
}) {
  const { id, action, label, says, yes, fields = {} } = props;
  return (
    <details class="confirm" id={id}>
      <summary class={props.isGrave ? 'button grave' : 'button'}>{label}</summary>
      <form method="post" action={action}>
        <p>{says}</p>
        {Object.entries(fields).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <button type="submit" class={props.isGrave ? 'grave' : 'primary'}>
          {yes}
        </button>
      </form>
    </details>
  );
}
