import { eq, sql } from 'drizzle-orm';
import {
  bucketOf,
  type DurationKind,
  durationKinds,
  type Histogram,
} from '../../domain/durations.ts';
import type { Change, StoreReads } from '../store.ts';
import type { Db } from './open.ts';
import { durations, invitations, members } from './schema.ts';

export function durationReads(db: Db): Pick<StoreReads, 'durations'> {
  return {
    async durations() {
      const rows = db.select().from(durations).all();
      const of = (kind: DurationKind): Histogram =>
        rows.filter((row) => row.kind === kind).map(({ bucket, count }) => ({ bucket, count }));
      return {
        invitation_to_activation: of(durationKinds[0]),
        activation_to_welcome: of(durationKinds[1]),
      };
    },
  };
}

/** What a member is about to reach; noted before its row is written. */
type Milestones = { readonly note: (change: Change) => readonly Reached[] };
type Reached = { readonly kind: DurationKind; readonly ms: number };

/**
 * Only a commit that bears the very time of an activation or a welcome looks at the row before it,
 * so that all others cost nothing.
 */
export function prepareMilestones(db: Db): Milestones {
  const select = db
    .select({ activatedAt: members.activatedAt, welcomedAt: members.welcomedAt })
    .from(members)
    .where(eq(members.userId, sql.placeholder('userId')))
    .prepare();
  const invited = db
    .select({ createdAt: invitations.createdAt })
    .from(invitations)
    .where(eq(invitations.id, sql.placeholder('id')))
    .prepare();

  return {
    note({ member, before, at }) {
      const { userId, activatedAt, welcomedAt, invitationId } = member;
      if (activatedAt !== at && welcomedAt !== at) return [];
      const was = before ?? select.get({ userId });
      const reached: Reached[] = [];
      if (activatedAt === at && (was?.activatedAt ?? null) === null && invitationId !== null) {
        const since = invited.get({ id: invitationId })?.createdAt;
        if (since !== undefined) reached.push({ kind: 'invitation_to_activation', ms: at - since });
      }
      if (welcomedAt === at && (was?.welcomedAt ?? null) === null && activatedAt !== null) {
        reached.push({ kind: 'activation_to_welcome', ms: at - activatedAt });
      }
      return reached;
    },
  };
}

/** @returns a function that counts one duration, inside the transaction of the caller */
export function prepareCount(db: Db): (reached: Reached) => void {
  const add = db
    .insert(durations)
    .values({ kind: sql.placeholder('kind'), bucket: sql.placeholder('bucket'), count: 1 })
    .onConflictDoUpdate({
      target: [durations.kind, durations.bucket],
      set: { count: sql`${durations.count} + 1` },
    })
    .prepare();
  return ({ kind, ms }) => {
    add.run({ kind, bucket: bucketOf(ms) });
  };
}
