/** What a row came to, in the words of the result file. */
export const rowResults = [
  'invited',
  'already invited',
  'already a user',
  'disabled',
  'duplicate in the file',
  'not valid',
  'refused',
  'failed',
  'not reached',
] as const;

export type RowResult = {
  readonly row: number;
  readonly email: string | null;
  readonly result: (typeof rowResults)[number];
  readonly id: string | null;
  readonly link: string | null;
  readonly reason: string | null;
};

/** Whether nobody has to do anything about this row. */
export function isSettled(result: RowResult['result']): boolean {
  return (
    result === 'invited' ||
    result === 'already invited' ||
    result === 'already a user' ||
    result === 'duplicate in the file'
  );
}
