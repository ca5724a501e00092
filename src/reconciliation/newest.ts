import type { PortalClient } from '../docspace/client.ts';
import { pageSize } from '../docspace/lists.ts';
import type { Hints } from './hints.ts';
import { interruption, type Step } from './step.ts';

/** The newest registrations, until a page brings nobody new. */
export async function readNewest(options: {
  readonly client: Pick<PortalClient, 'people'>;
  readonly hints: Hints;
  readonly inviterId: string | undefined;
}): Promise<Step> {
  const { client, hints, inviterId } = options;
  let lookedAt = 0;
  let found = 0;
  for (let startIndex = 0; ; startIndex += pageSize) {
    const read = await client.people({
      employeeStatus: 1,
      sortBy: 'registrationDate',
      sortOrder: 'descending',
      inviterId,
      startIndex,
    });
    if (read.kind !== 'ok') return interruption(read);
    const { people } = read.value;
    const compared = await hints.compare(people, 'poll of the newest registrations');
    lookedAt += people.length;
    found += compared.found;
    if (compared.unknown === 0 || people.length < pageSize) {
      return { kind: 'done', lookedAt, found };
    }
  }
}
