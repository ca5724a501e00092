import type { AuthorizationKind } from './access.ts';

/** One request that arrived. `status` is 0 until it was answered, and if it never was. */
export type PortalRequest = {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** The pattern, `/api/2.0/portal/users/:userId`; the path itself where no route fits. */
  readonly route: string;
  readonly status: number;
  readonly authorization: AuthorizationKind;
};
export type RequestRecord = ReturnType<typeof createRequestRecord>;

const MOST_KEPT = 100_000;

/** The newest 100,000 requests and how many were open at once. */
export function createRequestRecord() {
  let kept: { -readonly [K in keyof PortalRequest]: PortalRequest[K] }[] = [];
  let open = 0;
  let peak = 0;
  return {
    /** Returns what to call when the answer is sent, and when the request ends without one. */
    arrived(request: Omit<PortalRequest, 'status'>) {
      const entry = { ...request, status: 0 };
      kept.push(entry);
      // Cut in steps: cutting at each request would move the whole list each time.
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
    /** The peak starts anew at what is open now. */
    clear(): void {
      kept = [];
      peak = open;
    },
  };
}
