import type { View } from '../view.ts';

/** Copies with a script; without one there is no such button, and the link stands on its page. */
export function CopyLink(props: { readonly view: Pick<View, 'say'>; readonly link: string }) {
  const { common } = props.view.say;
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
