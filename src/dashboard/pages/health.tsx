import { channelNames } from '../../domain/outcome.ts';
import { type HealthReport, healthParts } from '../../health.ts';
import { messagesIn, reasonText } from '../../messages/render.ts';
import type { Pause } from '../../onboarding/pauses.ts';
import type { ListedDelivery } from '../../store/store.ts';
import { type DeliveryAnswer, webhookAnswers } from '../../webhook/route.ts';
import { Chip, type Tone } from '../components/chip.tsx';
import { DeliveryRows } from '../components/delivery-rows.tsx';
import { Confirm } from '../components/forms.tsx';
import { Layout, Pager } from '../components/layout.tsx';
import type { Viewer } from '../viewer.ts';

const levelTones: Readonly<Record<'ok' | 'warning' | 'wrong', Tone>> = {
  ok: 'good',
  warning: 'notice',
  wrong: 'wrong',
};

/** The state of the service, the deliveries of the portal, and what an operator can do. */
export function HealthPage(props: {
  readonly viewer: Viewer;
  readonly report: HealthReport;
  readonly pauses: readonly Pause[];
  readonly answers: Readonly<Partial<Record<DeliveryAnswer, number>>>;
  /** When the last complete run ended (UTC ms); null if no run has ended since the service started. */
  readonly lastRunAt: number | null;
  readonly deliveries: readonly ListedDelivery[];
  readonly isOnlyUnreadable: boolean;
  readonly older: string | null;
}) {
  const { viewer, report, pauses, lastRunAt } = props;
  const { health } = viewer.t;
  return (
    <Layout viewer={viewer} title={health.title} place="health" isLive>
      <section class="card">
        <ul class="parts">
          {healthParts.map((part) => (
            <li>
              <strong>{health.parts[part]}</strong>
              <span>
                <Chip
                  tone={levelTones[report[part].level]}
                  word={health.levels[report[part].level]}
                />
              </span>
              <span>{messagesIn(viewer.language).health[report[part].code]}</span>
            </li>
          ))}
        </ul>
      </section>
      <div class="cards">
        <Sending viewer={viewer} pauses={pauses} />
        <section class="card" aria-labelledby="reconciliation">
          <h2 id="reconciliation">{health.reconciliation}</h2>
          <p>
            {lastRunAt === null
              ? health.noRun
              : health.lastRun(viewer.formats.moment(lastRunAt, viewer.now))}
          </p>
          <Confirm viewer={viewer} id="reconcile" action="/health/reconcile" does="reconcile" />
        </section>
      </div>
      <section class="card" aria-labelledby="deliveries">
        <div class="head">
          <h2 id="deliveries">{health.deliveries}</h2>
          <nav class="range push" aria-label={health.deliveries}>
            <a
              href={viewer.url('/health')}
              aria-current={props.isOnlyUnreadable ? undefined : 'true'}
            >
              {health.allDeliveries}
            </a>
            <a
              href={viewer.url('/health?answer=unreadable')}
              aria-current={props.isOnlyUnreadable ? 'true' : undefined}
            >
              {health.onlyUnreadable}
            </a>
          </nav>
        </div>
        <Answers viewer={viewer} answers={props.answers} />
        {props.deliveries.length === 0 ? (
          <p class="soft">{props.isOnlyUnreadable ? health.noUnreadable : health.noDeliveries}</p>
        ) : (
          <DeliveryRows viewer={viewer} deliveries={props.deliveries} />
        )}
        <Pager viewer={viewer} older={props.older} />
      </section>
    </Layout>
  );
}

function Sending(props: { readonly viewer: Viewer; readonly pauses: readonly Pause[] }) {
  const { viewer, pauses } = props;
  const { health } = viewer.t;
  return (
    <section class="card" aria-labelledby="sending">
      <h2 id="sending">{health.sending}</h2>
      {pauses.length === 0 ? (
        <p>{health.sends}</p>
      ) : (
        <ul class="attention">
          {pauses.map((pause) => (
            <li>
              <p>
                {pauseText(viewer, pause)}{' '}
                <span class="soft">
                  ({health.since(viewer.formats.moment(pause.since, viewer.now))},{' '}
                  {pause.until === null
                    ? health.byHand
                    : health.until(viewer.formats.moment(pause.until, viewer.now))}
                  )
                </span>
              </p>
            </li>
          ))}
        </ul>
      )}
      <div class="buttons">
        {pauses.length > 0 && (
          <Confirm viewer={viewer} id="resume" action="/health/resume" does="resume" />
        )}
        {!pauses.some((pause) => pause.name === 'operator') && (
          <Confirm viewer={viewer} id="pause" action="/health/pause" does="pause" />
        )}
      </div>
    </section>
  );
}

/** The reason of a pause. If a channel or the portal is paused, its name comes first. */
function pauseText({ t, language }: Viewer, { name, reason }: Pause): string {
  const text = reasonText(reason, language);
  if (name === 'portal') return `${t.health.parts.portal}: ${text}`;
  const channel = channelNames.find((one) => name === `channel:${one}`);
  return channel ? `${t.health.pausedChannel(channel)}: ${text}` : text;
}

function Answers(props: {
  readonly viewer: Viewer;
  readonly answers: Readonly<Partial<Record<DeliveryAnswer, number>>>;
}) {
  const { viewer, answers } = props;
  const { health } = viewer.t;
  const counted = webhookAnswers.filter((answer) => (answers[answer] ?? 0) > 0);
  if (counted.length === 0) return null;
  return (
    <>
      <h3>{health.answers}</h3>
      <ul class="counts">
        {counted.map((answer) => (
          <li>
            {health[answer]} <strong>{viewer.formats.number(answers[answer] ?? 0)}</strong>
          </li>
        ))}
      </ul>
    </>
  );
}
