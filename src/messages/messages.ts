import type { Reason, ReasonCode } from '../domain/reason.ts';
import type { Actor, Cause, TimelineEvent } from '../domain/timeline.ts';
import type { HealthCode } from '../health.ts';

/** A text, or a function that makes the text from the parameters. */
type Message<P> = string | ((params: P, render: Render) => string);

/** Renders a reason inside another sentence. */
type Render = (reason: Reason) => string;

/**
 * All texts of one language that the log, the API, the command line, the dashboard and the notices make
 * from codes. A reason is a phrase without a full stop, so that it fits after a colon.
 */
export type Messages = {
  readonly reasons: {
    readonly [C in ReasonCode]: Message<Extract<Reason, { code: C }>>;
  };
  readonly events: {
    readonly [E in TimelineEvent['event']]: Message<Extract<TimelineEvent, { event: E }>>;
  };
  readonly causes: { readonly [K in Cause['kind']]: Message<Extract<Cause, { kind: K }>> };
  readonly actors: { readonly [K in Actor['kind']]: Message<Actor> };
  readonly health: { readonly [C in HealthCode]: string };
};
