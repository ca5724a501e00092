import type { Viewer } from '../viewer.ts';

/** A time in the viewer's zone, with the exact time as its title. @param at UTC ms; null shows a dash */
export function Moment(props: {
  readonly viewer: Pick<Viewer, 'formats' | 'now'>;
  readonly at: number | null;
  readonly seconds?: boolean;
}) {
  const { viewer, at } = props;
  if (at === null) return <span class="soft">–</span>;
  const { formats } = viewer;
  return (
    <time datetime={new Date(at).toISOString()} title={formats.exact(at)}>
      {props.seconds ? formats.second(at) : formats.moment(at, viewer.now)}
    </time>
  );
}
