import { type HealthReport, healthParts } from '../../health.ts';
import type { Pause } from '../../onboarding/pauses.ts';
import type { ListedDelivery } from '../../store/told.ts';
import { type DeliveryAnswer, webhookAnswers } from '../../webhook/route.ts';
import { Chip, type Tone } from '../components/chip.tsx';
import { Confirm } from '../components/confirm.tsx';
import { DeliveryRows } from '../components/delivery-rows.tsx';
import { Layout } from '../components/layout.tsx';
import { LogText } from '../components/log-text.tsx';
import type { View } from '../view.ts';

const levelTones: Readonly<Record<'ok' | 'warning' | 'wrong', Tone>> = {
  ok: 'good',
  warning: 'notice',
  wrong: 'wrong',
};

/** How the service is, what the portal told it, and what an operator can do about it. */
export function HealthPage(props: {
  readonly view: View;
  readonly report: HealthReport;
  readonly pauses: readonly Pause[];
  readonly answers: Readonly<Partial<Record<DeliveryAnswer, number>>>;
  /** UTC ms; null: none since the start. */
  readonly lastPassAt: number | null;
  readonly deliveries: readonly ListedDelivery[];
  readonly isOnlyUnreadable: boolean;
  readonly older: string | null;
}) {
  const { view, report, pauses, lastPassAt } = props;
  const { health, actions } = view.say;
  return (
    <Layout view={view} title={health.title} place="health" isLive>
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
              <LogText text={report[part].phrase} />
            </li>
          ))}
        </ul>
      </section>
      <div class="cards">
        <Sending view={view} pauses={pauses} />
        <section class="card" aria-labelledby="reconciliation">
          <h2 id="reconciliation">{health.reconciliation}</h2>
          <p>
            {lastPassAt === null
              ? health.noPass
              : health.lastPass(view.formats.moment(lastPassAt, view.now))}
          </p>
          <Confirm
            id="reconcile"
            action="/health/reconcile"
            label={actions.reconcile}
            says={actions.reconcileSays}
            yes={actions.reconcile}
          />
        </section>
      </div>
      <section class="card" aria-labelledby="deliveries">
        <div class="head">
          <h2 id="deliveries">{health.deliveries}</h2>
          <nav class="range push" aria-label={health.deliveries}>
            <a href="/health" aria-current={props.isOnlyUnreadable ? undefined : 'true'}>
              {health.allDeliveries}
            </a>
            <a
              href="/health?answer=unreadable"
              aria-current={props.isOnlyUnreadable ? 'true' : undefined}
            >
              {health.onlyUnreadable}
            </a>
          </nav>
        </div>
        <Answers view={view} answers={props.answers} />
        {props.deliveries.length === 0 ? (
          <p class="soft">{props.isOnlyUnreadable ? health.noUnreadable : health.noDeliveries}</p>
        ) : (
          <DeliveryRows view={view} deliveries={props.deliveries} />
        )}
        {props.older !== null && (
          <p class="pager">
            <a class="button" href={props.older}>
              {view.say.common.older}
            </a>
          </p>
        )}
      </section>
    </Layout>
  );
}

function Sending(props: { readonly view: View; readonly pauses: readonly Pause[] }) {
  const { view, pauses } = props;
  const { health, actions } = view.say;
  return (
    <section class="card" aria-labelledby="sending">
      <h2 id="sending">{health.sending}</h2>
      {pauses.length === 0 ? (
        <p>{health.sends}</p>
      ) : (
        <ul class="needs">
          {pauses.map((pause) => (
            <li>
              <p>
                <strong>{pause.name}</strong>: <LogText text={pause.reason} />{' '}
                <span class="soft">
                  ({health.since(view.formats.moment(pause.since, view.now))},{' '}
                  {pause.until === null
                    ? health.byHand
                    : health.until(view.formats.moment(pause.until, view.now))}
                  )
                </span>
              </p>
            </li>
          ))}
        </ul>
      )}
      <div class="buttons">
        {pauses.length > 0 && (
          <Confirm
            id="resume"
            action="/health/resume"
            label={actions.resume}
            says={actions.resumeSays}
            yes={actions.resume}
          />
        )}
        {!pauses.some((pause) => pause.name === 'operator') && (
          <Confirm
            id="pause"
            action="/health/pause"
            label={actions.pause}
            says={actions.pauseSays}
            yes={actions.pause}
          />
        )}
      </div>
    </section>
  );
}

function Answers(props: {
  readonly view: View;
  readonly answers: Readonly<Partial<Record<DeliveryAnswer, number>>>;
}) {
  const { view, answers } = props;
  const { health } = view.say;
  const counted = webhookAnswers.filter((answer) => (answers[answer] ?? 0) > 0);
  if (counted.length === 0) return null;
  return (
    <>
      <h3>{health.answers}</h3>
      <ul class="counts">
        {counted.map((answer) => (
          <li>
            {health[answer]} <strong>{view.formats.number(answers[answer] ?? 0)}</strong>
          </li>
        ))}
      </ul>
    </>
  );
}
