import type { Child } from 'hono/jsx';
import { type HealthReport, healthParts } from '../../health.ts';
import type { Pause } from '../../onboarding/pauses.ts';
import type { Balance } from '../../store/store.ts';
import type { View } from '../view.ts';
import { Confirm } from './confirm.tsx';
import { LogText } from './log-text.tsx';

/** What a person has to settle now, each with its button; a calm line when there is nothing. */
export function Needs(props: {
  readonly view: View;
  readonly balance: Balance;
  readonly pauses: readonly Pause[];
  readonly health: HealthReport;
}) {
  const { view } = props;
  const { overview } = view.say;
  const needs = [
    ...peopleNeeds(view, props.balance),
    ...props.pauses.map((pause) => pauseNeed(view, pause)),
    ...healthNeeds(view, props.health, props.pauses),
  ];
  if (needs.length === 0) {
    return (
      <p class="card calm-state">
        <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true" fill="currentColor">
          <path
            fill-rule="evenodd"
            d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.9 5.2-4.6 5a.8.8 0 0 1-1.2 0l-2-2.2 1.2-1 1.4 1.5 4-4.4Z"
          />
        </svg>
        {overview.nothing}
      </p>
    );
  }
  return (
    <section class="card" aria-labelledby="needs">
      <h2 id="needs">{overview.needs}</h2>
      <ul class="needs">{needs}</ul>
    </section>
  );
}

function peopleNeeds(view: View, balance: Balance): Child[] {
  const { say, formats } = view;
  const { unknown = 0, failed = 0 } = balance.members;
  const count = (words: (n: string, one: boolean) => string, n: number) =>
    words(formats.number(n), n === 1);
  const needs: Child[] = [];
  if (unknown > 0) {
    needs.push(
      <Need text={count(say.overview.unknown, unknown)}>
        <a class="button" href="/people?state=unknown">
          {say.overview.settle}
        </a>
      </Need>,
    );
  }
  if (failed > 0) {
    needs.push(
      <Need text={count(say.overview.failed, failed)}>
        <a class="button" href="/people?state=failed">
          {say.overview.see}
        </a>
        <Confirm
          id="retry-failed"
          action="/people/retry"
          label={say.actions.retryFailed}
          says={say.actions.retryFailedSays}
          yes={say.actions.yes}
        />
      </Need>,
    );
  }
  if (balance.cameByUs > 0) {
    needs.push(
      <Need text={count(say.overview.cameByUs, balance.cameByUs)}>
        <a class="button" href="/people?needs=address">
          {say.overview.see}
        </a>
      </Need>,
    );
  }
  return needs;
}

function pauseNeed(view: View, pause: Pause): Child {
  const { overview, actions } = view.say;
  return (
    <Need text={overview.paused} more={pause.reason}>
      {pause.name === 'restored' && (
        <a class="button" href="/people?state=ready">
          {overview.see}
        </a>
      )}
      <Confirm
        id={`resume-${pause.name}`}
        action="/health/resume"
        label={actions.resume}
        says={actions.resumeSays}
        yes={actions.resume}
      />
    </Need>
  );
}

/** What a pause says already is not said twice. */
function healthNeeds(view: View, report: HealthReport, pauses: readonly Pause[]): Child[] {
  const { health, overview } = view.say;
  return healthParts
    .filter((part) => report[part].level === 'wrong')
    .filter((part) => !(pauses.length > 0 && (part === 'channel' || part === 'portal')))
    .map((part) => (
      <Need text={`${health.parts[part]}:`} more={report[part].phrase}>
        <a class="button" href="/health">
          {overview.look}
        </a>
      </Need>
    ));
}

function Need(props: { readonly text: string; readonly more?: string; readonly children: Child }) {
  return (
    <li>
      <p>
        {props.text} {props.more !== undefined && <LogText text={props.more} />}
      </p>
      <div class="buttons">{props.children}</div>
    </li>
  );
}
