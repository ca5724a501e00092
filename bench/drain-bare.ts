import { readFileSync } from 'node:fs';
import { Pool } from 'undici';

/*
 * The limit to which the welcome rate of the service is compared: both requests for each person,
 * and nothing else.
 * node --import tsx bench/drain-bare.ts ORIGIN FILE-OF-IDS CONNECTIONS; it runs until it is killed.
 */

const [origin = '', file = '', connections = '1'] = process.argv.slice(2);
const ids: readonly string[] = JSON.parse(readFileSync(file, 'utf8'));
const pool = new Pool(origin, { connections: Number(connections), pipelining: 1 });
const headers = {
  accept: 'application/json',
  authorization: `Bearer ${process.env['DOCSPACE_API_KEY']}`,
};
let next = 0;

async function drain(): Promise<void> {
  for (;;) {
    const id = ids[next % ids.length];
    next += 1;
    const user = await pool.request({
      method: 'GET',
      path: `/api/2.0/portal/users/${id}`,
      headers,
    });
    await user.body.text();
    const path = `/api/2.0/portal/sendcongratulations?Userid=${id}&Key=welcome_guest`;
    const sent = await pool.request({
      method: 'POST',
      path,
      headers: { accept: 'application/json' },
      body: null,
    });
    await sent.body.text();
  }
}

await Promise.all(Array.from({ length: Number(connections) }, drain));
