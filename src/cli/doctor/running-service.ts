import { z } from 'zod';
import type { Config } from '../../config/settings.ts';
import type { Finding } from '../../doctor/finding.ts';
import { pauseFindings } from '../../doctor/pauses.ts';
import type { Use } from '../../store/sight.ts';
import type { StoreReads } from '../../store/store.ts';
import { askServer } from '../server-api.ts';

const time = z.string().transform((text) => Date.parse(text));
const statsSchema = z.object({
  pauses: z.array(
    z.object({ name: z.string(), reason: z.string(), since: time, until: time.nullable() }),
  ),
});

/** Pauses: the running service knows all of them, the store only those that survive a restart. */
export async function findPauses(options: {
  readonly config: Config;
  readonly use: Use;
  readonly reads: StoreReads | null;
}): Promise<Finding[]> {
  const { config, use, reads } = options;
  const channels = config.WELCOME_CHANNEL;
  const stored = ((await reads?.pauses()) ?? []).map((pause) => ({ ...pause, until: null }));
  if (use.kind !== 'served') return pauseFindings({ pauses: stored, channels, silent: null });
  const holder = { pid: use.pid ?? 0, url: use.url };
  const answer = await askServer(holder, config, { method: 'GET', path: '/api/stats' });
  if (answer.kind === 'unreachable') {
    return pauseFindings({ pauses: stored, channels, silent: answer.reason });
  }
  const stats = statsSchema.safeParse(answer.json);
  const isRead = answer.status === 200 && stats.success;
  return isRead
    ? pauseFindings({ pauses: stats.data.pauses, channels, silent: null })
    : pauseFindings({ pauses: stored, channels, silent: `it answered ${answer.status}` });
}
