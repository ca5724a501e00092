import type { LetterAttempt } from '../../domain/decide-letter.ts';
import { reasonText } from '../../messages/render.ts';
import type { NotSentReason, Preview } from '../../operations/preview.ts';
import type { Attempt } from '../../store/store.ts';
import type { Viewer } from '../viewer.ts';
import { Chip, type Tone } from './chip.tsx';
import { Moment } from './moment.tsx';
import { ReasonText } from './reason.tsx';

const outcomeTones = { sent: 'good', not_sent: 'off', refused: 'wrong', unknown: 'wrong' } as const;

/** The attempts to send the welcome, with their results. */
export function Attempts(props: {
  readonly viewer: Viewer;
  readonly attempts: readonly Attempt[];
}) {
  const { viewer, attempts } = props;
  const { person } = viewer.t;
  return (
    <section class="card" aria-labelledby="attempts">
      <h2 id="attempts">{person.attempts}</h2>
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">{person.started}</th>
            <th scope="col">{person.channel}</th>
            <th scope="col">{person.outcome}</th>
            <th scope="col">{viewer.t.run.reason}</th>
          </tr>
        </thead>
        <tbody>
          {attempts.map((attempt) => (
            <tr>
              <td class="short">
                <Moment viewer={viewer} at={attempt.startedAt} />
              </td>
              <td class="short">{attempt.channel}</td>
              <td>
                <OutcomeChip viewer={viewer} attempt={attempt} />
              </td>
              <td class="why">
                <ReasonText viewer={viewer} reason={attempt.reason} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function OutcomeChip(props: {
  readonly viewer: Viewer;
  readonly attempt: Pick<Attempt, 'outcome'>;
}) {
  const { person } = props.viewer.t;
  const { outcome } = props.attempt;
  const tone: Tone = outcome === null ? 'busy' : outcomeTones[outcome];
  return <Chip tone={tone} word={outcome === null ? person.underWay : person.outcomes[outcome]} />;
}

/** The attempts to mail the letters of an invitation, with their results. */
export function Letters(props: {
  readonly viewer: Viewer;
  readonly letters: readonly LetterAttempt[];
}) {
  const { viewer, letters } = props;
  const { person, words } = viewer.t;
  return (
    <section class="card" aria-labelledby="letters">
      <h2 id="letters">{person.letters}</h2>
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">{person.started}</th>
            <th scope="col">{viewer.t.invitations.letter}</th>
            <th scope="col">{person.outcome}</th>
            <th scope="col">{viewer.t.run.reason}</th>
          </tr>
        </thead>
        <tbody>
          {letters.map((letter) => (
            <tr>
              <td class="short">
                <Moment viewer={viewer} at={letter.startedAt} />
              </td>
              <td class="short">{words.letterKinds[letter.kind]}</td>
              <td>
                <OutcomeChip viewer={viewer} attempt={letter} />
              </td>
              <td class="why">
                <ReasonText viewer={viewer} reason={letter.reason} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The welcome as the person would get it, and whether it would be sent now. */
export function WelcomePreview(props: { readonly viewer: Viewer; readonly preview: Preview }) {
  const { viewer, preview } = props;
  const { person } = viewer.t;
  const { letter, notSent } = preview;
  return (
    <section class="card" aria-labelledby="welcome">
      <h2 id="welcome">{person.welcome}</h2>
      {preview.state !== 'welcomed' && (
        <p>
          {notSent === null
            ? person.wouldSend(preview.channel)
            : `${person.wouldNotSend} ${notSentText(viewer, notSent)}.`}
        </p>
      )}
      {letter.kind === 'portal_letter' ? (
        <p class="soft">{person.portalLetter}</p>
      ) : (
        <details class="figures" id="preview">
          <summary>{person.preview}</summary>
          <dl class="facts">
            <dt>{person.from}</dt>
            <dd>{letter.from}</dd>
            <dt>{person.to}</dt>
            <dd>{letter.to}</dd>
            <dt>{person.subject}</dt>
            <dd lang={letter.language}>{letter.subject}</dd>
          </dl>
          <iframe
            src={viewer.url(`/people/${preview.userId}/letter`)}
            title={person.letter}
            sandbox=""
            loading="lazy"
            id="letter"
            hx-morph-skip="true"
          />
          <h3>{person.text}</h3>
          <pre lang={letter.language}>{letter.text}</pre>
        </details>
      )}
    </section>
  );
}

function notSentText({ t, language }: Viewer, notSent: NotSentReason): string {
  switch (notSent.kind) {
    case 'state':
      return t.person.notSentState(
        t.words.states[notSent.state],
        notSent.reason === null ? '' : reasonText(notSent.reason, language),
      );
    case 'obstacle':
      return reasonText(notSent.reason, language);
    case 'paused':
      return t.person.notSentPaused(
        notSent.pauses.map(({ reason }) => reasonText(reason, language)).join('; '),
      );
    case 'refused_by_all_channels':
      return t.person.notSentRefused;
    default:
      return notSent satisfies never;
  }
}
