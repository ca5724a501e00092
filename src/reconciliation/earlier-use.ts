import type { PortalClient } from '../docspace/client.ts';
import type { Log } from '../log.ts';

/**
 * At the first start of a database, logs when the account of the key invited people before. Another
 * database may have welcomed them, so this one does not welcome people who joined before its start.
 * @param firstStartedAt UTC ms, portal's clock
 */
export async function reportEarlierUse(deps: {
  readonly client: Pick<PortalClient, 'people'>;
  readonly accountId: string;
  readonly firstStartedAt: number;
  readonly log: Log;
}): Promise<void> {
  const { client, accountId, firstStartedAt, log } = deps;
  const read = await client.people({
    employeeStatus: 1,
    inviterId: accountId,
    sortBy: 'registrationDate',
    sortOrder: 'ascending',
    startIndex: 0,
  });
  if (read.kind !== 'ok') return;
  const earlier = read.value.people.filter(
    (person) => (person.registrationDate ?? firstStartedAt) < firstStartedAt,
  );
  if (earlier.length === 0) return;
  log.warn(
    { people: read.value.total },
    'this database is new, but the account of the API key has already invited people: nobody who joined before now is welcomed. If another database welcomed them, stop, and set DATABASE_URL to it',
  );
}
