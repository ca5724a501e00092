import { kindOptions, startPortal } from '../simulator/portal.ts';

/*
 * A simulated portal for the benches, in its own process: portal.ts PEOPLE. Half of its people came
 * by the account of the API key, half by a colleague's.
 */

const people = Number(process.argv[2] ?? 2_000);
const portal = await startPortal(kindOptions);
const colleague = portal.control.addAccount({
  email: 'colleague@portal.example',
  type: 'DocSpaceAdmin',
});
const half = Math.floor(people / 2);
/** After the start of the slowest receiver, because an open link does not count for earlier users. */
const createdAt = () => Date.now() + 60_000;
const userIds = [portal.accountId, colleague.userId].flatMap((createdBy) =>
  portal.control.seedPeople({ count: half, createdBy, createdAt }),
);
const { url, apiKey } = portal;
process.stdout.write(`portal ${JSON.stringify({ url, apiKey, userIds })}\n`);
