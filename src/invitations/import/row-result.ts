import type { RowReason, rowResults } from '../../domain/invitation.ts';
import { type Language, reasonText } from '../../messages/render.ts';

export type RowResult = {
  readonly row: number;
  readonly email: string | null;
  readonly result: (typeof rowResults)[number];
  readonly id: string | null;
  readonly link: string | null;
  readonly reason: RowReason | null;
};

export function rowReasonText(reason: RowReason, language?: Language): string {
  return 'text' in reason ? reason.text : reasonText(reason, language);
}

/** Whether nobody has to do anything about this row. */
export function isSettled(result: RowResult['result']): boolean {
  return (
    result === 'invited' ||
    result === 'already invited' ||
    result === 'already a user' ||
    result === 'duplicate in the file'
  );
}

/** Returns the result of a row whose invitation was not possible because of this code. */
export function resultOfCode(
  code: string,
): Extract<
  RowResult['result'],
  'already invited' | 'already a user' | 'disabled' | 'refused' | 'failed'
> {
  if (code === 'already_invited') return 'already invited';
  if (code === 'already_user' || code === 'former_address') return 'already a user';
  if (code === 'user_disabled') return 'disabled';
  return code === 'invitation_issuing' ? 'failed' : 'refused';
}
