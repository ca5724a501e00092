import type { DurationKind, Histogram } from '../../domain/durations.ts';
import { memberStates } from '../../domain/member.ts';
import type { HealthReport } from '../../health.ts';
import type { Pause } from '../../onboarding/pauses.ts';
import type { Balance } from '../../store/store.ts';
import { Bar } from '../components/bar.tsx';
import { StateChip } from '../components/chip.tsx';
import { DayCharts } from '../components/day-charts.tsx';
import { Distribution } from '../components/distribution.tsx';
import { Layout } from '../components/layout.tsx';
import { Needs } from '../components/needs.tsx';
import type { View } from '../view.ts';
import { type Day, funnelOf, sumOf } from './overview-figures.ts';

export const dayRanges = [7, 30, 90] as const;

/** Who came and who was welcomed, at a glance; what needs a person comes first. */
export function OverviewPage(props: {
  readonly view: View;
  readonly balance: Balance;
  readonly days: readonly Day[];
  readonly durations: Readonly<Record<DurationKind, Histogram>>;
  readonly pauses: readonly Pause[];
  readonly health: HealthReport;
}) {
  const { view, balance, days, durations } = props;
  const { say } = view;
  return (
    <Layout view={view} title={say.overview.title} place="overview" isLive>
      <Needs view={view} balance={balance} pauses={props.pauses} health={props.health} />
      <Funnel view={view} balance={balance} />
      <section class="card" aria-labelledby="days">
        <div class="head">
          <h2 id="days">{say.overview.days}</h2>
          <nav class="range push" aria-label={say.overview.range}>
            {dayRanges.map((range) => (
              <a href={`/?days=${range}`} aria-current={range === days.length ? 'true' : undefined}>
                {say.overview.lastDays(range)}
              </a>
            ))}
          </nav>
        </div>
        <DayCharts view={view} days={days} />
      </section>
      <div class="cards">
        <Distribution
          view={view}
          title={say.overview.toActivation}
          histogram={durations.invitation_to_activation}
        />
        <Distribution
          view={view}
          title={say.overview.toWelcome}
          histogram={durations.activation_to_welcome}
        />
      </div>
      <StateTable view={view} balance={balance} />
    </Layout>
  );
}

function Funnel(props: { readonly view: View; readonly balance: Balance }) {
  const { view, balance } = props;
  const { say, formats } = view;
  const steps = funnelOf(balance);
  const came = sumOf(balance.openLinkMembers);
  const isEmpty = came === 0 && Object.keys(balance.invitations).length === 0;
  return (
    <section class="card" aria-labelledby="funnel">
      <h2 id="funnel">{say.overview.funnel}</h2>
      {isEmpty ? (
        <p>
          {say.overview.funnelEmpty} <a href="/invite">{say.overview.inviteFirst}</a>
        </p>
      ) : (
        <>
          <table class="steps">
            <caption class="unseen">{say.overview.funnelNote}</caption>
            <tbody>
              {steps.map(({ step, count, share }) => (
                <tr>
                  <th scope="row">{say.overview.funnelSteps[step]}</th>
                  <td class="barcell">
                    <Bar share={share} tone="" />
                  </td>
                  <td class="number">
                    <strong>{formats.number(count)}</strong>
                  </td>
                  <td class="number soft">{formats.share(share)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p class="hint">
            {say.overview.funnelNote}
            {came > 0 &&
              ` ${say.overview.byOpenLink(
                formats.number(came),
                formats.number(balance.openLinkMembers.welcomed ?? 0),
              )}`}
          </p>
          <Apart view={view} balance={balance} />
        </>
      )}
    </section>
  );
}

/** Invitations that are in no step: a link in between is no person yet, a revoked one none any more. */
function Apart(props: { readonly view: View; readonly balance: Balance }) {
  const { say, formats } = props.view;
  const { invitations } = props.balance;
  const apart = (['issuing', 'open', 'failed', 'revoked'] as const).filter(
    (status) => (invitations[status] ?? 0) > 0,
  );
  const { expired = 0 } = invitations;
  if (apart.length === 0 && expired === 0) return null;
  return (
    <p class="hint">
      {expired > 0 && (
        <>
          <a href="/invitations?status=expired">
            {say.overview.expired(formats.number(expired), expired === 1)}
          </a>{' '}
        </>
      )}
      {apart.length > 0 && say.overview.apart}{' '}
      {apart.map((status, index) => (
        <>
          {index > 0 && ', '}
          <a href={`/invitations?status=${status}`}>
            {say.words.statuses[status]} ({formats.number(invitations[status] ?? 0)})
          </a>
        </>
      ))}
    </p>
  );
}

function StateTable(props: { readonly view: View; readonly balance: Balance }) {
  const { view, balance } = props;
  const { say, formats } = view;
  return (
    <section class="card" aria-labelledby="balance">
      <h2 id="balance">{say.overview.balance}</h2>
      <p class="soft">{say.overview.balanceNote}</p>
      <table class="states">
        <thead>
          <tr>
            <th scope="col">{say.overview.state}</th>
            <th scope="col">{say.overview.means}</th>
            <th scope="col" class="number">
              {say.overview.people}
            </th>
          </tr>
        </thead>
        <tbody>
          {memberStates.map((state) => (
            <tr>
              <th scope="row">
                <a href={`/people?state=${state}`}>
                  <StateChip view={view} state={state} />
                </a>
              </th>
              <td class="soft">{say.words.stateMeanings[state]}</td>
              <td class="number">{formats.number(balance.members[state] ?? 0)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">{say.overview.total}</th>
            <td />
            <td class="number">
              <strong>{formats.number(sumOf(balance.members))}</strong>
            </td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}
