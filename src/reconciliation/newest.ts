import type { PortalClient } from '../docspace/client.ts';
import { pageSize } from '../docspace/people.ts';
import type { Hints } from './hints.ts';
import { type StepResult, stepFailed } from './step.ts';

/** Reads the newest registrations until a page shows no new person. */
export async function readNewest(deps: {
  readonly client: Pick<PortalClient, 'people'>;
  readonly hints: Hints;
  readonly inviterId: string | undefined;
}): Promise<StepResult> {
  const { client, hints, inviterId } = deps;
  let checked = 0;
  let found = 0;
  for (let startIndex = 0; ; startIndex += pageSize) {
    const read = await client.people({
      employeeStatus: 1,
      sortBy: 'registrationDate',
      sortOrder: 'descending',
      inviterId,
      startIndex,
    });
    if (read.kind !== 'ok') return stepFailed(read);
    const { people } = read.value;
    const compared = await hints.compare(people, 'newest');
    checked += people.length;
    found += compared.found;
    if (compared.notFollowed === 0 || people.length < pageSize) {
      return { kind: 'done', checked, found };
    }
  }
}
