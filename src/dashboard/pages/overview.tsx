import type { DurationKind, Histogram } from '../../domain/durations.ts';
import { memberStates } from '../../domain/member.ts';
import type { HealthReport } from '../../health.ts';
import type { Pause } from '../../onboarding/pauses.ts';
import type { Counts } from '../../store/store.ts';
import { Attention } from '../components/attention.tsx';
import { Bar, DayCharts, Distribution } from '../components/charts.tsx';
import { StateChip } from '../components/chip.tsx';
import { Layout } from '../components/layout.tsx';
import type { Viewer } from '../viewer.ts';
import { type Day, funnelOf, sumOf } from './overview-figures.ts';

export const dayRanges = [7, 30, 90] as const;

/** The overview: who came and who was welcomed. Everything that needs attention comes first. */
export function OverviewPage(props: {
  readonly viewer: Viewer;
  readonly counts: Counts;
  readonly days: readonly Day[];
  readonly durations: Readonly<Record<DurationKind, Histogram>>;
  readonly pauses: readonly Pause[];
  readonly health: HealthReport;
}) {
  const { viewer, counts, days, durations } = props;
  const { t, url } = viewer;
  return (
    <Layout viewer={viewer} title={t.overview.title} place="overview" isLive>
      <Attention viewer={viewer} counts={counts} pauses={props.pauses} health={props.health} />
      <div class="cards even">
        <Funnel viewer={viewer} counts={counts} />
        <StateTable viewer={viewer} counts={counts} />
      </div>
      <section class="card" aria-labelledby="days">
        <div class="head">
          <h2 id="days">{t.overview.days}</h2>
          <nav class="range push" aria-label={t.overview.range}>
            {dayRanges.map((range) => (
              <a
                href={url(`/?days=${range}`)}
                aria-current={range === days.length ? 'true' : undefined}
              >
                {t.overview.lastDays(range)}
              </a>
            ))}
          </nav>
        </div>
        <DayCharts viewer={viewer} days={days} />
      </section>
      <div class="cards">
        <Distribution
          viewer={viewer}
          title={t.overview.toActivation}
          histogram={durations.invitation_to_activation}
        />
        <Distribution
          viewer={viewer}
          title={t.overview.toWelcome}
          histogram={durations.activation_to_welcome}
        />
      </div>
    </Layout>
  );
}

type CountsProps = { readonly viewer: Viewer; readonly counts: Counts };

function Funnel({ viewer, counts }: CountsProps) {
  const { t, formats, url } = viewer;
  const cameByOpenLink = sumOf(counts.openLinkMembers);
  const isEmpty = cameByOpenLink === 0 && Object.keys(counts.invitations).length === 0;
  return (
    <section class="card" aria-labelledby="funnel">
      <h2 id="funnel">{t.overview.funnel}</h2>
      {isEmpty ? (
        <p>
          {t.overview.funnelEmpty}{' '}
          {viewer.mayChange && <a href={url('/invite')}>{t.overview.inviteFirst}</a>}
        </p>
      ) : (
        <>
          <p class="soft">{t.overview.funnelNote}</p>
          <table class="steps funnel">
            <caption class="unseen">{t.overview.funnelNote}</caption>
            <tbody>
              {funnelOf(counts).map(({ step, count, share }) => (
                <tr>
                  <th scope="row">
                    <a href={url(`/invitations?step=${step}`)}>{t.overview.funnelSteps[step]}</a>
                  </th>
                  <td class="barcell">
                    <Bar share={share} />
                  </td>
                  <td class="number">
                    <strong>{formats.number(count)}</strong>
                  </td>
                  <td class="number soft">{formats.share(share)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {cameByOpenLink > 0 && (
            <p class="hint">
              <a href={url('/invitations?status=open')}>
                {t.overview.byOpenLink(
                  formats.number(cameByOpenLink),
                  formats.number(counts.openLinkMembers.welcomed ?? 0),
                )}
              </a>
            </p>
          )}
          <NotInFunnel viewer={viewer} counts={counts} />
        </>
      )}
    </section>
  );
}

/**
 * Links to the expired invitations, and to the invitations that no step counts. For example, an open
 * link is not for one person, and a revoked invitation is closed.
 */
function NotInFunnel({ viewer, counts }: CountsProps) {
  const { t, formats, url } = viewer;
  const { invitations } = counts;
  const others = (['issuing', 'open', 'failed', 'revoked', 'gone'] as const).filter(
    (status) => (invitations[status] ?? 0) > 0,
  );
  const { expired = 0 } = invitations;
  return (
    <>
      {expired > 0 && (
        <p class="hint">
          <a href={url('/invitations?status=expired')}>
            {t.overview.expired(formats.number(expired), expired === 1)}
          </a>
        </p>
      )}
      {others.length > 0 && (
        <p class="hint">
          {t.overview.apart}{' '}
          {others.map((status, index) => (
            <>
              {index > 0 && ', '}
              <a href={url(`/invitations?status=${status}`)}>
                {t.words.statuses[status]} ({formats.number(invitations[status] ?? 0)})
              </a>
            </>
          ))}
        </p>
      )}
    </>
  );
}

function StateTable({ viewer, counts }: CountsProps) {
  const { t, formats, url } = viewer;
  return (
    <section class="card" aria-labelledby="by-state">
      <h2 id="by-state">{t.overview.byState}</h2>
      <p class="soft">{t.overview.byStateNote}</p>
      <table class="states">
        <thead>
          <tr>
            <th scope="col">{t.overview.state}</th>
            <th scope="col">{t.overview.means}</th>
            <th scope="col" class="number">
              {t.overview.people}
            </th>
          </tr>
        </thead>
        <tbody>
          {memberStates.map((state) => (
            <tr>
              <th scope="row">
                <a href={url(`/people?state=${state}`)}>
                  <StateChip viewer={viewer} state={state} />
                </a>
              </th>
              <td class="soft">{t.words.stateMeanings[state]}</td>
              <td class="number">{formats.number(counts.members[state] ?? 0)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">
              <a href={url('/people')}>{t.overview.total}</a>
            </th>
            <td />
            <td class="number">
              <strong>{formats.number(sumOf(counts.members))}</strong>
            </td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}
