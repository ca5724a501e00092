import type { ChannelName } from '../domain/outcome.ts';
import { atTime, type Finding, findingsOf } from './finding.ts';

const { ok, warning, wrong } = findingsOf('pauses');

type SeenPause = {
  readonly name: string;
  readonly reason: string;
  /** UTC ms. */
  readonly since: number;
  /** When it lifts itself; null: a person does. */
  readonly until: number | null;
};

/**
 * What holds sending back.
 * @param pauses of the running service, else those that the store keeps
 * @param silent why the service that holds the database could not be asked; null: it was, or none runs
 */
export function pauseFindings(given: {
  readonly pauses: readonly SeenPause[];
  readonly channels: readonly ChannelName[];
  readonly silent: string | null;
}): Finding[] {
  const { pauses, channels, silent } = given;
  const isEveryChannelPaused = channels.every((name) =>
    pauses.some((pause) => pause.name === `channel:${name}`),
  );
  const findings = pauses.map((pause) => pauseFinding(pause, isEveryChannelPaused));
  if (silent !== null) {
    findings.push(
      warning('service', {
        seen: `the service that holds the database could not be asked: ${silent}`,
        means: 'whether a channel is paused just now is not known',
        mend: 'look at its log; restart it if it hangs, or if ADMIN_TOKEN was changed',
      }),
    );
  }
  return findings.length > 0 ? findings : [ok('pauses', 'nothing is paused')];
}

function pauseFinding(pause: SeenPause, isEveryChannelPaused: boolean): Finding {
  const { name, reason, since, until } = pause;
  const lifts = until === null ? '' : `, tried again ${atTime(until)}`;
  const trouble = {
    seen: `${name}, since ${atTime(since)}: ${reason}${lifts}`,
    means: meanings[name] ?? 'this channel is passed over; the next in WELCOME_CHANNEL is used',
    mend: mends[name] ?? 'mend what the reason says, then run "resume"',
  };
  const isWrong = name === 'portal' || (name.startsWith('channel:') && isEveryChannelPaused);
  return isWrong
    ? wrong(name, name === 'portal' ? trouble : { ...trouble, means: 'no welcome goes out' })
    : warning(name, trouble);
}

const meanings: Readonly<Record<string, string>> = {
  operator: 'no welcome goes out until somebody resumes',
  hourly:
    'more welcomes in an hour than WELCOME_MAX_PER_HOUR: no more go out until somebody resumes',
  restored:
    'this database is a restored copy: who was welcomed after it was made could be greeted twice',
  portal: 'the portal cannot be asked: nobody is looked at or welcomed',
};
const mends: Readonly<Record<string, string>> = {
  operator: 'run "resume"',
  hourly: 'look at "list" for who is coming; run "resume" for another hour, or raise the limit',
  restored: 'look through who is ready with "stats" and "list", then run "resume"',
  portal: 'see portal and key above; it goes on by itself, "resume" asks at once',
};
