import { rowResults } from '../../domain/invitation.ts';
import { isSettled, type RowResult, rowReasonText } from '../../invitations/import/row-result.ts';
import { Chip, type Tone } from '../components/chip.tsx';
import { Confirm, CopyLink } from '../components/forms.tsx';
import { Layout } from '../components/layout.tsx';
import type { InviteRun } from '../invite-runs.ts';
import type { Viewer } from '../viewer.ts';

/** How many rows each table shows. The CSV file has all rows. */
const mostShown = 200;

/** The progress and the results of a run of invitations. */
export function InviteRunPage(props: { readonly viewer: Viewer; readonly run: InviteRun }) {
  const { viewer, run } = props;
  const { t, formats } = viewer;
  const answered = run.results.length;
  const open = run.results.filter((one) => !isSettled(one.result));
  const others = run.results.filter((one) => isSettled(one.result));
  const title = t.run.title(formats.number(run.total), run.total === 1);
  return (
    <Layout viewer={viewer} title={title} place="invite" isLive={run.end === null}>
      <section class="card">
        {run.end === null && (
          <progress max={run.total} value={answered} aria-label={title}>
            {answered}
          </progress>
        )}
        {run.end === null && (
          <p>{t.run.done(formats.number(answered), formats.number(run.total))}</p>
        )}
        <State viewer={viewer} run={run} />
        <Counts viewer={viewer} results={run.results} />
        <div class="buttons">
          {run.end === null ? (
            <Confirm viewer={viewer} id="stop" action={`/invite/runs/${run.id}/stop`} does="stop" />
          ) : (
            viewer.mayChange && (
              <a class="button primary" href={viewer.url('/invite')}>
                {t.run.again}
              </a>
            )
          )}
          {answered > 0 && (
            <a class="button" href={viewer.url(`/invite/runs/${run.id}.csv`)}>
              {t.run.download}
            </a>
          )}
        </div>
      </section>
      {open.length > 0 && <Results viewer={viewer} title={t.run.needing} results={open} />}
      {others.length > 0 && <Results viewer={viewer} title={t.run.results} results={others} />}
    </Layout>
  );
}

function State(props: { readonly viewer: Viewer; readonly run: InviteRun }) {
  const { viewer, run } = props;
  const { t, formats, language } = viewer;
  if (run.end === null) {
    if (run.waiting === null) return null;
    const { until, reason } = run.waiting;
    return (
      <p class="flash wrong">
        {t.run.waiting(formats.second(until), rowReasonText(reason, language))}
      </p>
    );
  }
  switch (run.end.kind) {
    case 'finished':
      return <p>{t.run.finished}</p>;
    case 'interrupted':
      return <p class="flash wrong">{t.run.interrupted}</p>;
    case 'stopped':
      return <p class="flash wrong">{t.run.stopped(rowReasonText(run.end.reason, language))}</p>;
    case 'failed':
      return <p class="flash wrong">{t.run.failed}</p>;
    default:
      return run.end satisfies never;
  }
}

function Counts(props: { readonly viewer: Viewer; readonly results: readonly RowResult[] }) {
  const { t, formats } = props.viewer;
  const counted = rowResults
    .map((result) => [result, props.results.filter((one) => one.result === result).length] as const)
    .filter(([, count]) => count > 0);
  return (
    <ul class="counts">
      {counted.map(([result, count]) => (
        <li>
          {t.words.rowResults[result]} <strong>{formats.number(count)}</strong>
        </li>
      ))}
    </ul>
  );
}

function toneOf(result: RowResult['result']): Tone {
  if (result === 'invited') return 'good';
  return isSettled(result) ? 'off' : 'wrong';
}

function Results(props: {
  readonly viewer: Viewer;
  readonly title: string;
  readonly results: readonly RowResult[];
}) {
  const { viewer, title, results } = props;
  const { t, formats } = viewer;
  return (
    <section class="card">
      <h2>{title}</h2>
      <table class="rows">
        <thead>
          <tr>
            <th scope="col" class="number tight">
              {t.run.row}
            </th>
            <th scope="col">{t.invitations.who}</th>
            <th scope="col">{t.run.result}</th>
            <th scope="col">{t.run.reason}</th>
            <th scope="col" class="needs-script">
              {t.invitations.link}
            </th>
          </tr>
        </thead>
        <tbody>
          {results.slice(0, mostShown).map((one) => (
            <tr id={`row-${one.row}`}>
              <td class="number">{formats.number(one.row)}</td>
              <td class="who">
                {one.id === null ? (
                  (one.email ?? t.common.openLink)
                ) : (
                  <a href={viewer.url(`/invitations/${one.id}`)}>
                    {one.email ?? t.common.openLink}
                  </a>
                )}
              </td>
              <td>
                <Chip tone={toneOf(one.result)} word={t.words.rowResults[one.result]} />
              </td>
              <td class="why">
                {one.reason !== null && rowReasonText(one.reason, viewer.language)}
              </td>
              <td class="tight needs-script">
                {one.link && <CopyLink viewer={viewer} link={one.link} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {results.length > mostShown && <p class="hint">{t.run.first(formats.number(mostShown))}</p>}
    </section>
  );
}
