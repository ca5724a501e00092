import { tablesIn } from './schema.ts';

/*
 * drizzle-kit reads the exports of this file, and generates the migrations. `migrate.ts` replaces the
 * name of the schema in the migrations with the name from the settings.
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
