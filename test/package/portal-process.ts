import { kindOptions, startPortal } from '../../simulator/portal.ts';

/*
 * The simulated portal as a process of its own, because Node.js reads NODE_EXTRA_CA_CERTS only when
 * a process starts: this portal has to trust the certificate of the proxy.
 */

const portal = await startPortal({ ...kindOptions, queuePauseMs: 5 });
process.stdout.write(`${JSON.stringify({ url: portal.url, apiKey: portal.apiKey })}\n`);
