import { tablesIn } from './schema.ts';

/*
 * For drizzle-kit, which reads the exports of this file. `migrate.ts` puts the schema of the settings
 * in the place of this one.
 */

export const {
  schema,
  invitations,
  letters,
  members,
  memberAddresses,
  attempts,
  deliveries,
  inbox,
  timeline,
  keyValues,
  pauses,
  idempotencyKeys,
  durations,
  activity,
  forgotten,
  tokens,
  endedSessions,
  runs,
  runRows,
  replicas,
  leaders,
  control,
} = tablesIn('docspace_welcome');
