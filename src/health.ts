/** The parts that `/readyz` speaks of. */
export const healthParts = ['store', 'worker', 'portal', 'channel', 'webhook'] as const;
type HealthPart = (typeof healthParts)[number];

/** A part's state in a fixed phrase: no address, no secret, nothing that a peer said. */
type Finding = { readonly level: 'ok' | 'warning' | 'wrong'; readonly phrase: string };
export type HealthReport = Readonly<Record<HealthPart, Finding>>;

/** What each room last said of itself; read from memory, so that asking costs nothing. */
export type Health = {
  readonly say: (part: HealthPart, level: Finding['level'], phrase: string) => void;
  /** Wrong until the process ends, whatever is said later: a person has to act. */
  readonly condemn: (part: HealthPart, phrase: string) => void;
  readonly report: () => HealthReport;
};

export function createHealth(): Health {
  const starting: Finding = { level: 'wrong', phrase: 'starting' };
  let report: HealthReport = {
    store: starting,
    worker: starting,
    portal: { level: 'warning', phrase: 'not asked yet' },
    channel: { level: 'ok', phrase: 'ready' },
    webhook: { level: 'warning', phrase: 'no delivery since the start' },
  };
  const condemned = new Set<HealthPart>();
  return {
    say(part, level, phrase) {
      if (!condemned.has(part)) report = { ...report, [part]: { level, phrase } };
    },
    condemn(part, phrase) {
      report = { ...report, [part]: { level: 'wrong', phrase } };
      condemned.add(part);
    },
    report: () => report,
  };
}
