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

/** The ways in which a faulty portal treats a request. */
export type Act =
  /** The request has no effect. */
  | ({ readonly kind: 'answer' } & Replacement)
  /** The request has no effect and is never answered. */
  | { readonly kind: 'hang' }
  /** The socket is destroyed before any effect. */
  | { readonly kind: 'reset' }
  /** The effect happens, then the socket is destroyed without an answer. */
  | { readonly kind: 'effectThenReset' }
  | { readonly kind: 'effectThenHang' }
  /** The effect happens, and the answer is replaced. */
  | ({ readonly kind: 'effectThenAnswer' } & Replacement)
  /** The request is delayed, and then handled as usual. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The request waits for `release()`, and is then handled as usual. */
  | { readonly kind: 'hold' }
  /**
   * The effect happens and the answer is made, but the answer is sent only at `release()`, when it may
   * be stale.
   */
  | { readonly kind: 'effectThenHold' };

export type InterferenceRule = {
  readonly on: (request: InterferingRequest) => boolean;
  /** How often the rule acts. Without it, the rule acts every time. */
  readonly times?: number;
  readonly act: Act;
};
export type Interference = ReturnType<typeof createInterference>;

/** Keeps the active rules. The first rule that matches a request says what happens to the request. */
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
