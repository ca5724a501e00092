import type { Child } from 'hono/jsx';
import { type HealthReport, healthParts } from '../../health.ts';
import { messagesIn, reasonText } from '../../messages/render.ts';
import type { Pause } from '../../onboarding/pauses.ts';
import type { Counts } from '../../store/store.ts';
import type { Viewer } from '../viewer.ts';
import { Confirm } from './forms.tsx';

/** Lists everything that needs attention, with links and buttons, or says that nothing does. */
export function Attention(props: {
  readonly viewer: Viewer;
  readonly counts: Counts;
  readonly pauses: readonly Pause[];
  readonly health: HealthReport;
}) {
  const { viewer } = props;
  const { overview } = viewer.t;
  const items = [
    ...aboutPeople(viewer, props.counts),
    ...aboutLetters(viewer, props.counts),
    ...props.pauses.map((pause) => aboutPause(viewer, pause)),
    ...aboutHealth(viewer, props.health, props.pauses),
  ];
  if (items.length === 0) {
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
    <section class="card" aria-labelledby="attention">
      <h2 id="attention">{overview.attention}</h2>
      <ul class="attention">{items}</ul>
    </section>
  );
}

function aboutPeople(viewer: Viewer, counts: Counts): Child[] {
  const { t, formats, url } = viewer;
  const { unknown = 0, failed = 0 } = counts.members;
  const sentence = (text: (n: string, one: boolean) => string, n: number) =>
    text(formats.number(n), n === 1);
  const items: Child[] = [];
  if (unknown > 0) {
    items.push(
      <Item text={sentence(t.overview.unknown, unknown)}>
        <a class="button" href={url('/people?state=unknown')}>
          {t.overview.settle}
        </a>
      </Item>,
    );
  }
  if (failed > 0) {
    items.push(
      <Item text={sentence(t.overview.failed, failed)}>
        <a class="button" href={url('/people?state=failed')}>
          {t.overview.see}
        </a>
        <Confirm viewer={viewer} id="retry-failed" action="/people/retry" does="retryFailed" />
      </Item>,
    );
  }
  if (counts.addressNotInvited > 0) {
    items.push(
      <Item text={sentence(t.overview.addressNotInvited, counts.addressNotInvited)}>
        <a class="button" href={url('/people?state=skipped&reason=address_not_invited')}>
          {t.overview.see}
        </a>
      </Item>,
    );
  }
  return items;
}

function aboutLetters({ t, formats, url }: Viewer, { letters }: Counts): Child[] {
  const texts = { refused: t.overview.lettersRefused, unknown: t.overview.lettersUnknown };
  return (['unknown', 'refused'] as const)
    .filter((letter) => letters[letter] > 0)
    .map((letter) => (
      <Item text={texts[letter](formats.number(letters[letter]), letters[letter] === 1)}>
        <a class="button" href={url(`/invitations?status=issued&letter=${letter}`)}>
          {t.overview.seeInvitations}
        </a>
      </Item>
    ));
}

function aboutPause(viewer: Viewer, pause: Pause): Child {
  const { t, language, url } = viewer;
  const { overview } = t;
  return (
    <Item
      text={
        pause.name === 'operator'
          ? overview.pausedByOperator
          : `${overview.paused} ${reasonText(pause.reason, language)}.`
      }
    >
      {pause.name === 'restored' && (
        <a class="button" href={url('/people?state=ready')}>
          {overview.see}
        </a>
      )}
      <Confirm viewer={viewer} id={`resume-${pause.name}`} action="/health/resume" does="resume" />
    </Item>
  );
}

/**
 * The health problems. While the portal or a channel is paused, the problem of that part is left out,
 * because its pause is already in the list. Other pauses leave out nothing.
 */
function aboutHealth(viewer: Viewer, report: HealthReport, pauses: readonly Pause[]): Child[] {
  const { t, language, url } = viewer;
  return (
    healthParts
      .filter((part) => report[part].level === 'wrong' || report[part].code === 'key_expires_soon')
      // Names of these pauses: `portal`, `channel:smtp`, `channel:docspace`.
      .filter((part) => !pauses.some(({ name }) => name === part || name.startsWith(`${part}:`)))
      .map((part) => (
        <Item text={`${t.health.parts[part]}: ${messagesIn(language).health[report[part].code]}.`}>
          <a class="button" href={url('/health')}>
            {t.overview.look}
          </a>
        </Item>
      ))
  );
}

function Item(props: { readonly text: string; readonly children: Child }) {
  return (
    <li>
      <p>{props.text}</p>
      <div class="buttons">{props.children}</div>
    </li>
  );
}
