import type { PortalView } from '../../src/domain/member.ts';
import type { Row } from './row.ts';
import { becomes } from './row.ts';
import {
  active,
  checked,
  fromPortalApi,
  hidden,
  hourMs,
  memberIn,
  missing,
  notOurs,
  now,
  pending,
  present,
  registered,
  terminated,
} from './support.ts';

type Settled = 'welcomed' | 'failed' | 'unknown';

/** Decisions about a check of a settled member: the state is kept and shows whether the person left. */
export function settledRows(state: Settled): [Row, ...Row[]] {
  const absent = memberIn(state, { absentSince: now - hourMs });
  return [
    stays(state, `a ${state} person who is active stays ${state}`, present(active)),
    stays(
      state,
      `a ${state} person who is no longer confirmed stays ${state}`,
      present(registered),
    ),
    stays(state, `a ${state} person who is pending stays ${state}`, present(pending)),
    stays(state, `a ${state} person whom the key may not see stays as they are`, hidden),
    row(state, `a ${state} person who is disabled is shown as absent`, {
      fact: checked(present(terminated)),
      becomes: becomes({ absentSince: now }, [{ event: 'left', ...fromPortalApi }]),
    }),
    row(state, `a ${state} person who is deleted is shown as absent`, {
      fact: checked(missing),
      becomes: becomes({ absentSince: now }, [{ event: 'left', ...fromPortalApi }]),
    }),
    row(state, `ownership changes nothing for a ${state} person`, {
      fact: checked(present(active), { ownership: notOurs('not_invited') }),
      becomes: becomes({}),
    }),
    row(state, `a ${state} person about whom a hint came during the check is checked again now`, {
      fact: checked(present(active), { version: 6 }),
      becomes: becomes({ dueAt: now }),
    }),
    {
      says: `a ${state} person who is still away stays absent since the first time`,
      member: absent,
      fact: checked(missing),
      becomes: becomes({}),
    },
    {
      says: `a ${state} person who is back is present again`,
      member: absent,
      fact: checked(present(active)),
      becomes: becomes({ absentSince: null }, [{ event: 'present_again', ...fromPortalApi }]),
    },
  ];
}

function row(state: Settled, says: string, rest: Pick<Row, 'fact' | 'becomes'>): Row {
  return { says, member: memberIn(state), ...rest };
}

function stays(state: Settled, says: string, view: PortalView): Row {
  const member = memberIn(state, { dueAt: now - 1, leaseUntil: now + 1 });
  return {
    says,
    member,
    fact: checked(view),
    becomes: becomes({ dueAt: null, leaseUntil: null }),
  };
}
