export type InterferingRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
};
type Replacement = {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What a nasty portal does to a request. */
export type Act =
  /** No effect. */
  | ({ readonly kind: 'answer' } & Replacement)
  /** Never answers, no effect. */
  | { readonly kind: 'hang' }
  /** The socket is destroyed before any effect. */
  | { readonly kind: 'reset' }
  /** The effect happens, then the socket is destroyed without an answer. */
  | { readonly kind: 'effectThenReset' }
  | { readonly kind: 'effectThenHang' }
  /** The effect happens, the answer is replaced. */
  | ({ readonly kind: 'effectThenAnswer' } & Replacement)
  /** Then as usual. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Waits for `release()`, then as usual. */
  | { readonly kind: 'hold' }
  /** The effect happens and the answer is made, but it leaves only at `release()`: stale by then. */
  | { readonly kind: 'effectThenHold' };

export type InterferenceRule = {
  readonly on: (request: InterferingRequest) => boolean;
  /** How often it acts; for ever if left out. */
  readonly times?: number;
  readonly act: Act;
};
export type Interference = ReturnType<typeof createInterference>;

/** The rules in force; the first that fits a request acts on it. */
export function createInterference() {
  const rules = new Set<{ readonly rule: InterferenceRule; left: number }>();
  let held: (() => void)[] = [];
  return {
    add(rule: InterferenceRule): () => void {
      const entry = { rule, left: rule.times ?? Number.POSITIVE_INFINITY };
      rules.add(entry);
      return () => {
        rules.delete(entry);
      };
    },
    actOn(request: InterferingRequest): Act | undefined {
      for (const entry of rules) {
        if (!entry.rule.on(request)) continue;
        entry.left -= 1;
        if (entry.left <= 0) rules.delete(entry);
        return entry.rule.act;
      }
      return undefined;
    },
    /** Resolves at the next `release()`. */
    hold: (): Promise<void> => new Promise((resolve) => held.push(resolve)),
    release(): void {
      const waiting = held;
      held = [];
      for (const go of waiting) go();
    },
  };
}
