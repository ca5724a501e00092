import { kindOptions, startPortal } from '../simulator/portal.ts';

/*
 * A simulated portal for the benches, in its own process: portal.ts PEOPLE. Half of its people came
 * by the account of the API key, half by a colleague's.
 */

const people = Number(process.argv[2] ?? 2_000);
const portal = await startPortal(kindOptions);
const half = Math.floor(people / 2);
/**
 * After the start of the slowest receiver. An open link does not count for earlier users, and the service
 * pauses if its account created users long before its first start.
 */
const createdAt = () => Date.now() + 60_000;
const colleagues = portal.control.seedPeople({ count: 1, createdBy: portal.accountId, createdAt });
const userIds = [portal.accountId, ...colleagues].flatMap((createdBy) =>
  portal.control.seedPeople({ count: half, createdBy, createdAt }),
);
const { url, apiKey } = portal;
process.stdout.write(`portal ${JSON.stringify({ url, apiKey, userIds })}\n`);
