/** A labelled select. @param any the word for no choice; without it one of the options is chosen */
export function Choice(props: {
  readonly name: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, word: string])[];
  readonly chosen: string | undefined;
  readonly any?: string;
}) {
  const { name, label, options, chosen, any } = props;
  return (
    <div>
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        {any !== undefined && <option value="">{any}</option>}
        {options.map(([value, word]) => (
          <option value={value} selected={value === chosen}>
            {word}
          </option>
        ))}
      </select>
    </div>
  );
}
