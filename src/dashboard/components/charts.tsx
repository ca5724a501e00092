import { countBySpan, countOf, type Histogram, percentile } from '../../domain/durations.ts';
import { type ActivityKind, activityKinds } from '../../store/store.ts';
import { type Day, totalsOf } from '../pages/overview-figures.ts';
import type { Viewer } from '../viewer.ts';

/** A bar that shows a share. The figure is beside it as text. @param share 0 to 1 */
export function Bar(props: { readonly share: number }) {
  const width = Math.max(0, Math.min(100, props.share * 100));
  return (
    <svg
      class="bar"
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

/** A table of how long people took. Each row is a span of time, and a bar shows its share of the people. */
export function Distribution(props: {
  readonly viewer: Viewer;
  readonly title: string;
  readonly histogram: Histogram;
}) {
  const { viewer, title, histogram } = props;
  const { t, formats } = viewer;
  const half = percentile(histogram, 0.5);
  const nine = percentile(histogram, 0.9);
  const counts = countBySpan(histogram);
  const all = countOf(histogram);
  return (
    <section class="card">
      <h2>{title}</h2>
      {half === null || nine === null ? (
        <p class="soft">{t.overview.noDurations}</p>
      ) : (
        <>
          <p>{t.overview.half(formats.duration(half), formats.duration(nine))}</p>
          <table class="steps">
            <thead class="unseen">
              <tr>
                <th scope="col">{t.overview.span}</th>
                <td />
                <th scope="col">{t.overview.people}</th>
              </tr>
            </thead>
            <tbody>
              {counts.map((count, index) => (
                <tr>
                  <th scope="row">{t.overview.spans[index]}</th>
                  <td class="barcell">
                    <Bar share={count / all} />
                  </td>
                  <td class="number">{formats.number(count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}

const height = 52;
const step = 10;

/** One small chart for each kind of activity, so that the kinds need no different colours. */
export function DayCharts(props: { readonly viewer: Viewer; readonly days: readonly Day[] }) {
  const { viewer, days } = props;
  const totals = totalsOf(days);
  const first = days[0];
  const last = days.at(-1);
  return (
    <>
      {activityKinds.map((kind) => (
        <DayChart viewer={viewer} days={days} kind={kind} total={totals[kind]} />
      ))}
      {first && last && (
        <p class="axis" aria-hidden="true">
          <span>{viewer.formats.day(first.startsAt)}</span>
          <span>{viewer.formats.day(last.startsAt)}</span>
        </p>
      )}
      <DayTable viewer={viewer} days={days} />
    </>
  );
}

function DayChart(props: {
  readonly viewer: Viewer;
  readonly days: readonly Day[];
  readonly kind: ActivityKind;
  readonly total: number;
}) {
  const { viewer, days, kind, total } = props;
  const { t, formats } = viewer;
  const most = days.reduce((top, day) => (day.counts[kind] > top.counts[kind] ? day : top), {
    startsAt: 0,
    counts: { invited: 0, activated: 0, welcomed: 0 },
  });
  const label = t.overview.daysLabel(t.overview.kinds[kind], formats.number(total), days.length);
  return (
    <figure class="daychart">
      <figcaption>
        <span>{label}</span>
        {total > 0 && (
          <span class="soft">
            {t.overview.most(formats.number(most.counts[kind]), formats.day(most.startsAt))}
          </span>
        )}
      </figcaption>
      <svg
        viewBox={`0 0 ${days.length * step} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        {days.map((day, index) => {
          const count = day.counts[kind];
          const tall = count === 0 ? 0 : Math.max(2, (count / most.counts[kind]) * (height - 2));
          return (
            <g>
              <title>{`${formats.day(day.startsAt)}: ${formats.number(count)}`}</title>
              <rect class="hover" x={index * step} y="0" width={step} height={height} />
              {count > 0 && (
                <rect x={index * step + 1} y={height - tall} width={step - 2} height={tall} />
              )}
            </g>
          );
        })}
      </svg>
    </figure>
  );
}

function DayTable(props: { readonly viewer: Viewer; readonly days: readonly Day[] }) {
  const { t, formats } = props.viewer;
  return (
    <details class="figures" id="day-figures">
      <summary>{t.common.figures}</summary>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{t.overview.day}</th>
              {activityKinds.map((kind) => (
                <th scope="col" class="number">
                  {t.overview.kinds[kind]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {props.days.toReversed().map((day) => (
              <tr>
                <th scope="row">{formats.day(day.startsAt)}</th>
                {activityKinds.map((kind) => (
                  <td class="number">{formats.number(day.counts[kind])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
