import { countBySpan, countOf, type Histogram, percentile } from '../../domain/durations.ts';
import type { View } from '../view.ts';
import { Bar } from './bar.tsx';

/** How long people took: a row for each span of time, which is chart and table in one. */
export function Distribution(props: {
  readonly view: View;
  readonly title: string;
  readonly histogram: Histogram;
}) {
  const { view, title, histogram } = props;
  const { say, formats } = view;
  const half = percentile(histogram, 0.5);
  const nine = percentile(histogram, 0.9);
  const counts = countBySpan(histogram);
  const all = countOf(histogram);
  return (
    <section class="card">
      <h2>{title}</h2>
      {half === null || nine === null ? (
        <p class="soft">{say.overview.noDurations}</p>
      ) : (
        <>
          <p>{say.overview.half(formats.duration(half), formats.duration(nine))}</p>
          <table class="steps">
            <thead class="unseen">
              <tr>
                <th scope="col">{say.overview.span}</th>
                <td />
                <th scope="col">{say.overview.people}</th>
              </tr>
            </thead>
            <tbody>
              {counts.map((count, index) => (
                <tr>
                  <th scope="row">{say.overview.spans[index]}</th>
                  <td class="barcell">
                    <Bar share={count / all} tone="" />
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
