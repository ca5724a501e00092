import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { PortalFault } from '../domain/reason.ts';
import type { AnswerBody } from './classify.ts';
import { employeeSchema, envelope, portalTime, userIdSchema } from './schemas.ts';
import { createTransport } from './transport.ts';

/** The portal's answer to one plain request, with everything that a diagnosis needs. */
export type Diagnosis =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly form: AnswerBody['form'];
      readonly tookMs: number;
      /** How far the portal's clock is ahead of ours, in ms. Null if the answer has no `Date`. */
      readonly aheadMs: number | null;
      /** Undefined if the body is not the portal's envelope of success. */
      readonly json: unknown;
    }
  | { readonly kind: 'failed'; readonly fault: PortalFault };

export type Diagnostics = {
  /** Sends `GET` to a path below `/api/2.0/`. The request is never repeated and never delayed. */
  readonly ask: (path: string) => Promise<Diagnosis>;
  readonly close: () => Promise<void>;
};

/** The limit is large, because each row of the journal contains a whole delivery. */
const maxBodyBytes = 16 * 1024 * 1024;

/**
 * Sends requests as the client does, but without repetitions and backoff, because a diagnosis needs
 * the first answer, its duration and its `Date`.
 */
export function createDiagnostics(options: {
  readonly origin: string;
  readonly apiKey: string;
  readonly timeoutMs: number;
  readonly now: Clock['now'];
}): Diagnostics {
  const { now, ...rest } = options;
  const transport = createTransport({ ...rest, connections: 1, clock: { now } });
  return {
    async ask(path) {
      const startedAt = performance.now();
      const answer = await transport.exchange({ method: 'GET', path, maxBodyBytes });
      if (answer.kind === 'failed') return { kind: 'failed', fault: answer.fault };
      const { status, body } = answer;
      return {
        kind: 'answered',
        status,
        form: body.form,
        tookMs: performance.now() - startedAt,
        aheadMs: answer.clockDifferenceMs,
        json: body.form === 'success' ? body.json : undefined,
      };
    },
    close: transport.close,
  };
}

/** `GET people/@self`: the account of the key (docs/docspace-wire.md 1.4, 9.2). */
export const ownAccount = envelope(
  employeeSchema.extend({
    isLDAP: z.boolean().default(false),
    isSSO: z.boolean().default(false),
  }),
);
export type OwnAccount = z.infer<typeof ownAccount>['response'];

/** `GET settings/webhook` (docs/docspace-wire.md 7.1). */
const examinedWebhook = z.object({
  id: z.int(),
  uri: z.string(),
  enabled: z.boolean().default(false),
  triggers: z.number().default(0),
  targetId: z.string().nullish(),
  createdBy: z.object({ id: userIdSchema }).nullish(),
  modifiedOn: portalTime.nullish(),
  lastFailureOn: portalTime.nullish(),
  lastFailureContent: z.string().nullish(),
  lastSuccessOn: portalTime.nullish(),
});
export type ExaminedWebhook = z.infer<typeof examinedWebhook>;
export const allWebhooks = envelope(z.array(z.object({ configs: examinedWebhook })));

/** `GET settings/webhooks/log` (docs/docspace-wire.md 7.6). */
const examinedRow = z.object({
  id: z.int(),
  status: z.int().default(0),
  requestPayload: z.string().nullish(),
});
export type ExaminedRow = z.infer<typeof examinedRow>;
export const journalRows = envelope(z.array(examinedRow));
