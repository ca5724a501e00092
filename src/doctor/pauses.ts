import type { ChannelName } from '../domain/outcome.ts';
import { type Finding, findingsOf, timeText } from './finding.ts';

const { ok, warning, wrong } = findingsOf('pauses');

export type SeenPause = {
  readonly name: string;
  /** The reason as a sentence. */
  readonly text: string;
  /** UTC ms. */
  readonly since: number;
  /** When the pause ends by itself (UTC ms). Null if only an operator ends it. */
  readonly until: number | null;
};

/**
 * Returns the findings about pauses.
 * @param pauses the pauses that the running service reports; if it cannot be asked or no service
 *   runs, the pauses in the database
 * @param unreachable why the service that uses the database could not be asked; null: it was asked,
 *   or no service runs
 */
export function pauseFindings(given: {
  readonly pauses: readonly SeenPause[];
  readonly channels: readonly ChannelName[];
  readonly unreachable: string | null;
}): Finding[] {
  const { pauses, channels, unreachable } = given;
  const isEveryChannelPaused = channels.every((name) =>
    pauses.some((pause) => pause.name === `channel:${name}`),
  );
  const findings = pauses.map((pause) => pauseFinding(pause, isEveryChannelPaused));
  if (unreachable !== null) {
    findings.push(
      warning('service', {
        seen: `the service that uses the database could not be asked: ${unreachable}`,
        means: 'it is not known whether a channel is paused right now',
        mend: 'read the log of the service; restart it if it hangs, or if ADMIN_TOKEN was changed',
      }),
    );
  }
  return findings.length > 0 ? findings : [ok('pauses', 'nothing is paused')];
}

function pauseFinding(pause: SeenPause, isEveryChannelPaused: boolean): Finding {
  const { name, text, since, until } = pause;
  const end = until === null ? '' : `, tried again ${timeText(until)}`;
  const trouble = {
    seen: `${name}, since ${timeText(since)}: ${text}${end}`,
    means:
      effects[name] ??
      'this channel is not used; the next channel in WELCOME_CHANNEL is used instead',
    mend: fixes[name] ?? 'fix the cause, then run "resume"',
  };
  const isWrong = name === 'portal' || (name.startsWith('channel:') && isEveryChannelPaused);
  return isWrong
    ? wrong(name, name === 'portal' ? trouble : { ...trouble, means: 'no welcome goes out' })
    : warning(name, trouble);
}

const effects: Readonly<Record<string, string>> = {
  operator: 'no welcome goes out until "resume"',
  hourly:
    'more welcomes were due in an hour than WELCOME_MAX_PER_HOUR allows: no more go out until "resume"',
  restored:
    'the latest welcomes may be missing from this database: some people could be welcomed twice',
  account_used:
    'another database may welcome the same people, so none is welcomed by this one until "resume"',
  portal: 'the portal cannot be asked: nobody is checked or welcomed',
};
const fixes: Readonly<Record<string, string>> = {
  operator: 'run "resume"',
  hourly:
    'check with "list" who was invited; then run "resume" to allow another hour, or raise the limit',
  restored: 'check with "stats" and "list" who would be welcomed, then run "resume"',
  account_used:
    'if the account was used with another database, stop and set DATABASE_URL to it; if not, run "resume"',
  portal:
    'see the findings about portal and key; the service tries again by itself, and "resume" tries at once',
};
