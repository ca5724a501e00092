import { z } from 'zod';
import { employeeSchema, portalTime, portalUserSchema, userIdSchema } from './schemas.ts';

/*
 * What a diagnosis reads of the portal's answers, beyond what the service itself needs.
 */

const envelope = <T extends z.ZodType>(response: T) => z.object({ response });

/** `GET people/@self`: the account of the key (wire 1.4, 9.2). */
export const ownAccount = envelope(
  employeeSchema.extend({
    isLDAP: z.boolean().default(false),
    isSSO: z.boolean().default(false),
  }),
);
export type OwnAccount = z.infer<typeof ownAccount>['response'];

/** `GET keys/@self`: no permissions, or `*`, is full access (wire 1.3). */
export const ownKey = envelope(z.object({ permissions: z.array(z.string()).nullish() }));

/** `GET portal/users/{id}` (wire 5). */
export const ownUser = envelope(portalUserSchema);

/** `GET people/{id}` (wire 9.2). */
export const oneEmployee = envelope(employeeSchema);

/** `GET people/filter` (wire 9.1). */
export const somePeople = z.object({
  response: z.array(employeeSchema),
  total: z.int().nonnegative(),
});

/** `GET settings/webhook` (wire 7.1). */
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

/** `GET settings/webhooks/log` (wire 7.6). */
const examinedRow = z.object({
  id: z.int(),
  status: z.int().default(0),
  creationTime: portalTime,
});
export type ExaminedRow = z.infer<typeof examinedRow>;
export const journalRows = envelope(z.array(examinedRow));
