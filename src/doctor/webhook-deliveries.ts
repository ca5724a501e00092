import type { ExaminedRow, ExaminedWebhook } from '../docspace/diagnostics-schemas.ts';
import { atTime, type Finding, findingsOf, inTime } from './finding.ts';

const { ok, warning, wrong } = findingsOf('webhook');

/** All retries of a delivery are over by then (wire 7.3: 31 s and the time of six answers). */
const settledMs = 2 * 60_000;

/**
 * How the newest deliveries fared, from the portal's journal (wire 7.6).
 * @param journal newest first
 */
export function deliveriesOf(given: {
  readonly webhook: ExaminedWebhook;
  readonly journal: readonly ExaminedRow[];
  readonly now: number;
}): Finding[] {
  const { webhook, journal, now } = given;
  const settled = journal.filter((row) => row.status > 0 || now - row.creationTime > settledMs);
  const lastGood = settled.findIndex(isDelivered);
  const failed = lastGood < 0 ? settled : settled.slice(0, lastGood);
  const newest = failed[0];
  if (newest) return [failing(failed, newest, webhook)];
  const { lastFailureOn, lastSuccessOn } = webhook;
  if (lastSuccessOn) {
    // A failure that later deliveries left behind: said, not held against anybody.
    const before = lastFailureOn ? `, one failed ${inTime(now - lastFailureOn)} ago` : '';
    return [ok('deliveries', `the last delivery arrived ${atTime(lastSuccessOn)}${before}`)];
  }
  return lastFailureOn ? [failedOnly(webhook, lastFailureOn)] : [];
}

/** The journal is empty, the webhook itself still knows. */
function failedOnly(webhook: ExaminedWebhook, at: number): Finding {
  return warning('deliveries', {
    seen: `no delivery of webhook ${webhook.id} has arrived yet, one failed ${atTime(at)}${saidOf(webhook)}`,
    means: later,
    mend: unreached,
  });
}

/** What the portal noted of its last failure: an exception's text, of any length. */
function saidOf({ lastFailureContent }: ExaminedWebhook): string {
  const said = lastFailureContent?.trim().slice(0, 120) ?? '';
  return said === '' ? '' : `: ${said}`;
}

const later =
  'after 3 days of failures the portal disables the webhook; until then the poll finds these people later';
const unreached =
  'open PUBLIC_URL and its certificate from the portal’s side: curl -I PUBLIC_URL/webhooks/docspace';

function failing(
  failed: readonly ExaminedRow[],
  newest: ExaminedRow,
  webhook: ExaminedWebhook,
): Finding {
  const several =
    failed.length === 1 ? 'the newest delivery' : `the newest ${failed.length} deliveries`;
  if (failed.some((row) => row.status === 401)) {
    const mend = 'run "webhook register": it writes this service’s secret into the portal';
    const changedOn = webhook.modifiedOn ?? 0;
    if (changedOn >= newest.creationTime) {
      return warning('secret', {
        seen: `${several} of webhook ${webhook.id} met 401 here; it was changed after, ${atTime(changedOn)}`,
        means: 'if that put the secret right, the next delivery arrives and this is over',
        mend: `wait for the next delivery; if it fails, ${mend}`,
      });
    }
    return wrong('secret', {
      seen: `${several} of webhook ${webhook.id} did not arrive, this service answered 401`,
      means:
        'the secret in the portal is not DOCSPACE_WEBHOOK_SECRET: every delivery is turned away',
      mend,
    });
  }
  const since = `the last one of ${atTime(newest.creationTime)}`;
  if (newest.status === 0) {
    return warning('deliveries', {
      seen: `${several} of webhook ${webhook.id} did not arrive: no connection, or never sent (${since})${saidOf(webhook)}`,
      means: later,
      mend: unreached,
    });
  }
  return warning('deliveries', {
    seen: `${several} of webhook ${webhook.id} failed with ${newest.status} (${since})`,
    means: later,
    mend: answersOf(newest.status),
  });
}

function answersOf(status: number): string {
  if (status === 404) return 'let the proxy pass /webhooks/docspace on to this service';
  if (status >= 300 && status < 400) {
    return 'the portal follows no redirect: set PUBLIC_URL to where it leads, then run "webhook register"';
  }
  if (status === 503) return 'look at the log of this service: it could not write, or was stopping';
  return 'look at the log of this service and of the proxy before it';
}

function isDelivered(row: ExaminedRow): boolean {
  return row.status >= 200 && row.status < 300;
}
