import type { Preview } from '../../operations/preview.ts';
import type { Attempt } from '../../store/store.ts';
import type { View } from '../view.ts';
import { Chip, type Tone } from './chip.tsx';
import { LogText } from './log-text.tsx';
import { Moment } from './moment.tsx';

const outcomeTones = { sent: 'good', not_sent: 'off', refused: 'wrong', unknown: 'wrong' } as const;

/** Each try at sending, with how it ended. */
export function Attempts(props: { readonly view: View; readonly attempts: readonly Attempt[] }) {
  const { view, attempts } = props;
  const { person } = view.say;
  return (
    <section class="card" aria-labelledby="attempts">
      <h2 id="attempts">{person.attempts}</h2>
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">{person.started}</th>
            <th scope="col">{person.channel}</th>
            <th scope="col">{person.outcome}</th>
            <th scope="col">{view.say.run.reason}</th>
          </tr>
        </thead>
        <tbody>
          {attempts.map((attempt) => (
            <tr>
              <td class="short">
                <Moment view={view} at={attempt.startedAt} />
              </td>
              <td class="short">{attempt.channel}</td>
              <td>
                <OutcomeChip view={view} attempt={attempt} />
              </td>
              <td class="why">
                <LogText text={attempt.detail} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function OutcomeChip(props: { readonly view: View; readonly attempt: Attempt }) {
  const { person } = props.view.say;
  const { outcome } = props.attempt;
  const tone: Tone = outcome === null ? 'busy' : outcomeTones[outcome];
  return <Chip tone={tone} word={outcome === null ? person.underWay : person.outcomes[outcome]} />;
}

/** The welcome as they would get it, and whether it would go out. */
export function WelcomePreview(props: { readonly view: View; readonly preview: Preview }) {
  const { view, preview } = props;
  const { person } = view.say;
  const { letter } = preview;
  return (
    <section class="card" aria-labelledby="welcome">
      <h2 id="welcome">{person.welcome}</h2>
      <p>
        {preview.wouldSend ? (
          person.wouldSend(preview.channel)
        ) : (
          <>
            {person.wouldNotSend} <LogText text={preview.why} />
          </>
        )}
      </p>
      {letter.kind === 'portal_letter' ? (
        <LogText text={letter.description} />
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
            src={`/people/${preview.userId}/letter`}
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
