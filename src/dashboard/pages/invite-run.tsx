import { isSettled, type RowResult, rowResults } from '../../invitations/import/row-result.ts';
import { Chip, type Tone } from '../components/chip.tsx';
import { Confirm } from '../components/confirm.tsx';
import { CopyLink } from '../components/copy-link.tsx';
import { Layout } from '../components/layout.tsx';
import { LogText } from '../components/log-text.tsx';
import type { InviteRun } from '../invite-runs.ts';
import type { View } from '../view.ts';

/** Rows that a page shows; the file has all of them. */
const mostShown = 200;

/** What became of those who were just invited, while it goes on and afterwards. */
export function InviteRunPage(props: { readonly view: View; readonly run: InviteRun }) {
  const { view, run } = props;
  const { say, formats } = view;
  const answered = run.results.length;
  const needing = run.results.filter((one) => !isSettled(one.result));
  const others = run.results.filter((one) => isSettled(one.result));
  const title = say.run.title(formats.number(run.total), run.total === 1);
  return (
    <Layout view={view} title={title} place="invite" isLive={run.ended === null}>
      <section class="card">
        {run.ended === null && (
          <progress max={run.total} value={answered} aria-label={title}>
            {answered}
          </progress>
        )}
        {run.ended === null && (
          <p>{say.run.done(formats.number(answered), formats.number(run.total))}</p>
        )}
        <State view={view} run={run} />
        <Counts view={view} results={run.results} />
        <div class="buttons">
          {run.ended === null ? (
            <Confirm
              id="stop"
              action={`/invite/runs/${run.id}/stop`}
              label={say.run.stop}
              says={say.run.stopSays}
              yes={say.run.stop}
            />
          ) : (
            <a class="button primary" href="/invite">
              {say.run.again}
            </a>
          )}
          {answered > 0 && (
            <a class="button" href={`/invite/runs/${run.id}.csv`}>
              {say.run.download}
            </a>
          )}
        </div>
      </section>
      {needing.length > 0 && <Results view={view} title={say.run.needing} results={needing} />}
      {others.length > 0 && <Results view={view} title={say.run.results} results={others} />}
    </Layout>
  );
}

function State(props: { readonly view: View; readonly run: InviteRun }) {
  const { view, run } = props;
  const { say, formats } = view;
  if (run.ended === null) {
    if (run.waiting === null) return null;
    const { until, reason } = run.waiting;
    return <p class="said wrong">{say.run.waiting(formats.second(until), reason)}</p>;
  }
  switch (run.ended.kind) {
    case 'finished':
      return <p>{say.run.finished}</p>;
    case 'interrupted':
      return <p class="said wrong">{say.run.interrupted}</p>;
    case 'stopped':
      return <p class="said wrong">{say.run.stopped(run.ended.reason)}</p>;
    default:
      return run.ended satisfies never;
  }
}

function Counts(props: { readonly view: View; readonly results: readonly RowResult[] }) {
  const { say, formats } = props.view;
  const counted = rowResults
    .map((result) => [result, props.results.filter((one) => one.result === result).length] as const)
    .filter(([, count]) => count > 0);
  return (
    <ul class="counts">
      {counted.map(([result, count]) => (
        <li>
          {say.words.rowResults[result]} <strong>{formats.number(count)}</strong>
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
  readonly view: View;
  readonly title: string;
  readonly results: readonly RowResult[];
}) {
  const { view, title, results } = props;
  const { say, formats } = view;
  return (
    <section class="card">
      <h2>{title}</h2>
      <table class="rows">
        <thead>
          <tr>
            <th scope="col" class="number tight">
              {say.run.row}
            </th>
            <th scope="col">{say.invitations.who}</th>
            <th scope="col">{say.run.result}</th>
            <th scope="col">{say.run.reason}</th>
            <th scope="col" class="needs-script">
              {say.invitations.link}
            </th>
          </tr>
        </thead>
        <tbody>
          {results.slice(0, mostShown).map((one) => (
            <tr id={`row-${one.row}`}>
              <td class="number">{formats.number(one.row)}</td>
              <td class="who">
                {one.id === null ? (
                  (one.email ?? say.common.openLink)
                ) : (
                  <a href={`/invitations/${one.id}`}>{one.email ?? say.common.openLink}</a>
                )}
              </td>
              <td>
                <Chip tone={toneOf(one.result)} word={say.words.rowResults[one.result]} />
              </td>
              <td class="why">
                <LogText text={one.reason} />
              </td>
              <td class="tight needs-script">
                {one.link && <CopyLink view={view} link={one.link} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {results.length > mostShown && <p class="hint">{say.run.first(formats.number(mostShown))}</p>}
    </section>
  );
}
