/** A bar of a share; the figure stands beside it as text. @param share 0 to 1 */
export function Bar(props: { readonly share: number; readonly tone: string }) {
  const width = Math.max(0, Math.min(100, props.share * 100));
  return (
    <svg
      class={`bar ${props.tone}`}
      viewBox="0 0 100 1"
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <rect class="track" x="0" y="0" width="100" height="1" />
      {width > 0 && <rect class="fill" x="0" y="0" width={Math.max(0.5, width)} height="1" />}
    </svg>
  );
}
