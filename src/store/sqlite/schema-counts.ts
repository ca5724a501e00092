import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { InvitationStatus } from '../../domain/invitation.ts';
import type { MemberState } from '../../domain/member.ts';
import type { ActivityKind } from '../activity.ts';

/*
 * Counts, kept by triggers in the commits that change them (drizzle/0002_counts.sql), so that no
 * question counts a million rows and no writer can forget them.
 */

export const memberCounts = sqliteTable(
  'member_counts',
  {
    state: text().$type<MemberState>().notNull(),
    /** They came by an open link. */
    openLink: integer('open_link', { mode: 'boolean' }).notNull(),
    /** They are skipped for `skipReasons.otherAddress`. */
    otherAddress: integer('other_address', { mode: 'boolean' }).notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.state, table.openLink, table.otherAddress] })],
);

/** Of each open link, who came by it. */
export const openLinkCounts = sqliteTable(
  'open_link_counts',
  {
    invitationId: text('invitation_id').notNull(),
    state: text().$type<MemberState>().notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.invitationId, table.state] })],
);

export const invitationCounts = sqliteTable('invitation_counts', {
  standing: text().$type<InvitationStatus>().primaryKey(),
  count: integer().notNull(),
});

/** What happened in each quarter of an hour; `quarter` is when it began. */
export const activity = sqliteTable(
  'activity',
  {
    quarter: integer().notNull(),
    kind: text().$type<ActivityKind>().notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.quarter, table.kind] })],
);
