import type { AuthorizationKind } from './access.ts';

/** One request that arrived. `status` is 0 until the request is answered. */
export type PortalRequest = {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** The pattern, such as `/api/2.0/portal/users/:userId`, or the path itself if no route matches. */
  readonly route: string;
  readonly status: number;
  readonly authorization: AuthorizationKind;
};
export type RequestRecord = ReturnType<typeof createRequestRecord>;

const MOST_KEPT = 100_000;

/** Records the newest 100,000 requests, and the largest number of requests that were open at once. */
export function createRequestRecord() {
  let kept: { -readonly [K in keyof PortalRequest]: PortalRequest[K] }[] = [];
  let open = 0;
  let peak = 0;
  return {
    /**
     * Returns `answered`, to be called with the status of the answer, and `closed`, to be called when
     * the request has ended with or without an answer.
     */
    arrived(request: Omit<PortalRequest, 'status'>) {
      const entry = { ...request, status: 0 };
      kept.push(entry);
      // The list is cut only now and then, because each cut copies the whole list.
      if (kept.length > 1.2 * MOST_KEPT) kept = kept.slice(-MOST_KEPT);
      open += 1;
      peak = Math.max(peak, open);
      let isOpen = true;
      const closed = () => {
        if (isOpen) open -= 1;
        isOpen = false;
      };
      return {
        answered(status: number): void {
          entry.status = status;
          closed();
        },
        closed,
      };
    },
    newest: (): readonly PortalRequest[] => kept.slice(-MOST_KEPT),
    peak: (): number => peak,
    /** Forgets the requests. The peak restarts at the number of requests that are open now. */
    clear(): void {
      kept = [];
      peak = open;
    },
  };
}
