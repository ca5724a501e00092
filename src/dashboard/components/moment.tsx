import type { View } from '../view.ts';

/** A time in the viewer's zone; the exact one is in its title. @param at UTC ms; null shows a dash */
export function Moment(props: {
  readonly view: Pick<View, 'formats' | 'now'>;
  readonly at: number | null;
  readonly seconds?: boolean;
}) {
  const { view, at } = props;
  if (at === null) return <span class="soft">–</span>;
  const { formats } = view;
  return (
    <time datetime={new Date(at).toISOString()} title={formats.exact(at)}>
      {props.seconds ? formats.second(at) : formats.moment(at, view.now)}
    </time>
  );
}
