import { type ActivityKind, activityKinds } from '../../store/activity.ts';
import { type Day, totalsOf } from '../pages/overview-figures.ts';
import type { View } from '../view.ts';

const height = 52;
const step = 10;

/** One small chart for each kind over the same days, so that no colour has to tell them apart. */
export function DayCharts(props: { readonly view: View; readonly days: readonly Day[] }) {
  const { view, days } = props;
  const totals = totalsOf(days);
  const first = days[0];
  const last = days.at(-1);
  return (
    <>
      {activityKinds.map((kind) => (
        <DayChart view={view} days={days} kind={kind} total={totals[kind]} />
      ))}
      {first && last && (
        <p class="axis" aria-hidden="true">
          <span>{view.formats.day(first.startsAt)}</span>
          <span>{view.formats.day(last.startsAt)}</span>
        </p>
      )}
      <DayTable view={view} days={days} />
    </>
  );
}

function DayChart(props: {
  readonly view: View;
  readonly days: readonly Day[];
  readonly kind: ActivityKind;
  readonly total: number;
}) {
  const { view, days, kind, total } = props;
  const { say, formats } = view;
  const most = days.reduce((top, day) => (day.counts[kind] > top.counts[kind] ? day : top), {
    startsAt: 0,
    counts: { invited: 0, activated: 0, welcomed: 0 },
  });
  const label = say.overview.daysLabel(
    say.overview.kinds[kind],
    formats.number(total),
    days.length,
  );
  return (
    <figure class="daychart">
      <figcaption>
        <span>{label}</span>
        {total > 0 && (
          <span class="soft">
            {say.overview.most(formats.number(most.counts[kind]), formats.day(most.startsAt))}
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

function DayTable(props: { readonly view: View; readonly days: readonly Day[] }) {
  const { say, formats } = props.view;
  return (
    <details class="figures" id="day-figures">
      <summary>{say.common.figures}</summary>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{say.overview.day}</th>
              {activityKinds.map((kind) => (
                <th scope="col" class="number">
                  {say.overview.kinds[kind]}
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
