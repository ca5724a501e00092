import type { Entry } from '../domain/facts.ts';
import type { Invitation } from '../domain/invitation.ts';

/** What came of changing an invitation; the rule is asked inside the transaction. */
export type Reissued =
  | { readonly kind: 'done'; readonly invitation: Invitation }
  | { readonly kind: 'forbidden'; readonly reason: string; readonly invitationId: string }
  | { readonly kind: 'missing' };

/** `revoke` and `resend`, of the rows that `onboarding/reissue.ts` allows. */
export type InvitationReissue = {
  /** Closes the record; its link is erased. */
  readonly revokeInvitation: (revoked: {
    readonly id: string;
    readonly entry: Entry;
    readonly at: number;
  }) => Promise<Reissued>;
  /**
   * Whether it could be sent again now, asked before the portal is: forbidden as well while another
   * invitation of its address is current.
   */
  readonly mayResend: (id: string, now: number) => Promise<Reissued>;
  /** It was sent again: a fresh link (null for a letter), a new time of issue. */
  readonly renewInvitation: (renewed: {
    readonly id: string;
    readonly link: string | null;
    readonly userId: string | null;
    readonly entry: Entry;
    readonly at: number;
  }) => Promise<Reissued>;
};
