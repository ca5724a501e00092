import type { PortalView } from '../../src/domain/member.ts';
import type { ChannelName, OutcomeKind } from '../../src/domain/outcome.ts';
import type { Ownership } from '../../src/domain/ownership.ts';
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

/** What the imaginary portal says about its only person. */
export const truths = {
  active: present(active),
  registered: present(registered),
  pending: present(pending),
  terminated: present(terminated),
  missing,
  hidden,
} satisfies Record<string, PortalView>;
export type Truth = keyof typeof truths;

/** To whom the person belongs, according to the imaginary invitations. */
export const ownerships = {
  ours,
  stranger: notOurs('not_invited'),
  revoked: notOurs('invitation_revoked'),
} satisfies Record<string, Ownership>;

export type Settings = {
  readonly channels: readonly ChannelName[];
  readonly onUnknown: 'hold' | 'resend';
};

/** Something that happens in the imaginary world. A step that does not apply at its time does nothing. */
export type Step =
  | { readonly kind: 'truth'; readonly is: Truth }
  | { readonly kind: 'ownership'; readonly is: keyof typeof ownerships }
  | { readonly kind: 'hint'; readonly departure: boolean; readonly times: number }
  /**
   * The worker takes the member if it is due (`patient`: it waits until then), and begins the next
   * action.
   */
  | { readonly kind: 'work'; readonly arrives: boolean; readonly patient: boolean }
  /** A check that was started is answered. `fresh`: the portal read the person only now. */
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
  | { readonly kind: 'revert_refusal'; readonly channel: ChannelName }
  | { readonly kind: 'clock'; readonly byMs: number };
