/** Words that the log or the portal wrote: English in every language of the pages. */
export function LogText(props: { readonly text: string | null }) {
  return props.text === null ? <span class="soft">–</span> : <span lang="en">{props.text}</span>;
}
