import type { Row } from './row.ts';
import { becomes } from './row.ts';
import {
  active,
  hidden,
  hourMs,
  looked,
  memberIn,
  missing,
  notOurs,
  now,
  pending,
  present,
  registered,
  terminated,
} from './support.ts';

/** What a look makes of who is settled: the state is kept, and says whether the person left. */
export function keptState(state: 'welcomed' | 'failed' | 'unknown'): [Row, ...Row[]] {
  const away = memberIn(state, { absentSince: now - hourMs });
  return [
    stays(state, `who is ${state} and active stays ${state}`, present(active)),
    stays(state, `who is ${state} and no longer confirmed stays ${state}`, present(registered)),
    stays(state, `who is ${state} and pending stays ${state}`, present(pending)),
    stays(state, `who is ${state} and hidden from the key stays as they are`, hidden),
    row(state, `who is ${state} and disabled is shown as absent`, {
      fact: looked(present(terminated)),
      becomes: becomes({ absentSince: now }, ['absent: left the portal']),
    }),
    row(state, `who is ${state} and deleted is shown as absent`, {
      fact: looked(missing),
      becomes: becomes({ absentSince: now }, ['absent: left the portal']),
    }),
    row(state, `who is ${state} is no longer taken away by whose they are`, {
      fact: looked(present(active), { whose: notOurs('stranger') }),
      becomes: becomes({}),
    }),
    row(state, `who is ${state} and looked at while a hint came is looked at now`, {
      fact: looked(present(active), { version: 6 }),
      becomes: becomes({ dueAt: now }),
    }),
    {
      says: `who is ${state} and still away stays absent since then`,
      member: away,
      fact: looked(missing),
      becomes: becomes({}),
    },
    {
      says: `who is ${state} and back is present again`,
      member: away,
      fact: looked(present(active)),
      becomes: becomes({ absentSince: null }, ['present again']),
    },
  ];
}

function row(state: Settled, says: string, rest: Pick<Row, 'fact' | 'becomes'>): Row {
  return { says, member: memberIn(state), ...rest };
}

function stays(state: Settled, says: string, sighting: Parameters<typeof looked>[0]): Row {
  const member = memberIn(state, { dueAt: now - 1, leaseUntil: now + 1 });
  return {
    says,
    member,
    fact: looked(sighting),
    becomes: becomes({ dueAt: null, leaseUntil: null }),
  };
}

type Settled = 'welcomed' | 'failed' | 'unknown';
