import type { Member } from './member.ts';

/** A person as a list of the portal shows them (wire 9.2). */
export type Listed = { readonly isActivated: boolean; readonly isDisabled: boolean };

/** Why a listed person is worth a look, or null: the list says nothing new. */
export type PollHint = { readonly says: string; readonly departure: boolean } | null;

/**
 * Compares what a list shows with what is known. A list is never the truth either: it is only a
 * reason to look.
 * @param member null: nobody followed them yet
 * @param now UTC ms: who is due already needs no further reason
 */
export function pollHint(member: Member | null, listed: Listed, now: number): PollHint {
  if (member === null) {
    return { says: 'found in the portal: no delivery told', departure: listed.isDisabled };
  }
  switch (member.state) {
    case 'waiting':
      if (member.dueAt !== null && member.dueAt <= now) return null;
      return listed.isActivated || listed.isDisabled
        ? {
            says: 'the portal lists them otherwise: no delivery told',
            departure: listed.isDisabled,
          }
        : null;
    case 'gone':
      return listed.isDisabled ? null : { says: 'listed again', departure: false };
    case 'welcomed':
    case 'failed':
    case 'unknown': {
      const isAbsent = member.absentSince !== null;
      return isAbsent === listed.isDisabled ? null : { says: 'came or left', departure: true };
    }
    case 'ready':
    case 'sending':
    case 'skipped':
      return null;
    default:
      return member.state satisfies never;
  }
}
