import type { Sighting } from '../../src/domain/member.ts';
import type { ChannelName, OutcomeKind } from '../../src/domain/outcome.ts';
import type { Whose } from '../../src/domain/ownership.ts';
import {
  active,
  hidden,
  missing,
  notOurs,
  ours,
  pending,
  present,
  registered,
  terminated,
} from './support.ts';

/** What the imaginary portal shows of the one person. */
export const truths = {
  active: present(active),
  registered: present(registered),
  pending: present(pending),
  terminated: present(terminated),
  missing,
  hidden,
} satisfies Record<string, Sighting>;
export type Truth = keyof typeof truths;

export const judgements = {
  ours,
  stranger: notOurs('stranger'),
  revoked: notOurs('revoked'),
} satisfies Record<string, Whose>;

export type Settings = {
  readonly channels: readonly ChannelName[];
  readonly onUnknown: 'hold' | 'resend';
};

/** Something that happens in the imaginary world. What does not apply at its time does nothing. */
export type Step =
  | { readonly kind: 'truth'; readonly is: Truth }
  | { readonly kind: 'judged'; readonly as: keyof typeof judgements }
  | { readonly kind: 'hint'; readonly departure: boolean; readonly times: number }
  /** The worker takes the member if it is due (`patient`: when it is), and begins what has to be done. */
  | { readonly kind: 'work'; readonly arrives: boolean; readonly patient: boolean }
  /** A look that was begun is answered; `fresh`: the portal read the person only now. */
  | {
      readonly kind: 'answer';
      readonly which: number;
      readonly fresh: boolean;
      readonly arrives: boolean;
    }
  | { readonly kind: 'trouble'; readonly which: number }
  | {
      readonly kind: 'end';
      readonly which: number;
      readonly outcome: OutcomeKind;
      readonly waitMs: number | null;
    }
  | { readonly kind: 'crash' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'resolve'; readonly as: 'sent' | 'retry' }
  | { readonly kind: 'invite' }
  | { readonly kind: 'exonerate'; readonly channel: ChannelName }
  | { readonly kind: 'clock'; readonly byMs: number };
