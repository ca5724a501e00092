import type { Health } from '../health.ts';
import type { Log } from '../log.ts';

/** What is known about a request without a valid signature. Nothing of its body is kept. */
type UnsignedRequest = {
  readonly signature: string | undefined;
  readonly contentType: string | undefined;
  readonly isPortalJson: boolean;
};

/** Reports requests without a valid signature: in `/readyz`, and in at most one log line a minute. */
export type SignatureFaults = {
  readonly accepted: () => void;
  readonly refused: (request: UnsignedRequest) => void;
};

const windowMs = 10 * 60_000;
const logEveryMs = 60_000;
/** A warning is shown after this many refusals within `windowMs`, with no signed delivery in between. */
const faultsToWarn = 3;

/** @param now UTC ms */
export function createSignatureFaults(deps: {
  readonly health: Health;
  readonly log: Log;
  readonly now: () => number;
}): SignatureFaults {
  const { health, log, now } = deps;
  /** The times of requests that were refused within `windowMs` and since the last signed delivery. */
  let refusedAt: number[] = [];
  let isReported = false;
  let loggedAt = Number.NEGATIVE_INFINITY;
  let notLogged = 0;

  return {
    accepted() {
      refusedAt = [];
      if (isReported) return;
      isReported = true;
      health.set('webhook', 'ok', 'deliveries_arrive');
    },
    refused(request) {
      const at = now();
      refusedAt = [...refusedAt.filter((earlier) => at - earlier < windowMs), at].slice(-100);
      notLogged += 1;
      if (refusedAt.length >= faultsToWarn) {
        isReported = false;
        health.set('webhook', 'warning', 'signature_wrong');
      }
      if (at - loggedAt < logEveryMs) return;
      log.warn(
        { count: notLogged },
        `webhook requests were refused (401): ${likelyCause(request)}`,
      );
      loggedAt = at;
      notLogged = 0;
    },
  };
}

function likelyCause({ signature, contentType, isPortalJson }: UnsignedRequest): string {
  if (signature === undefined) {
    return 'they have no signature, so they do not come from the portal, or a proxy removes the header';
  }
  if (!isPortalJson || !/^application\/json\b/i.test(contentType ?? '')) {
    return 'a proxy between the portal and this service rewrites the body, so the signature cannot match';
  }
  return 'the secret of the portal\'s webhook is not DOCSPACE_WEBHOOK_SECRET: run "webhook register"';
}
