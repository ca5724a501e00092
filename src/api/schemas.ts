import { z } from 'zod';
import { invitationStatuses } from '../domain/invitation.ts';
import { memberStates } from '../domain/member.ts';
import { employeeTypes, invitationModes, triggers } from '../domain/vocabulary.ts';
import { emailSchema } from '../invitations/request.ts';
import { deliveryAnswers } from '../store/told.ts';

/* What comes in over HTTP and from the command line. Unknown fields are faults: a typo is not a wish. */

const timeSchema = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'is not a date (RFC 3339)')
  .transform((text) => Date.parse(text));

const pagingShape = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'is not a cursor of this list')
    .transform(Number)
    .optional(),
};

export const invitationQuerySchema = z.strictObject({
  status: z.enum(invitationStatuses).optional(),
  employeeType: z.enum(employeeTypes).optional(),
  mode: z.enum(invitationModes).optional(),
  email: z.string().optional(),
  q: z.string().trim().min(3, 'needs three or more characters').max(200).optional(),
  since: timeSchema.optional(),
  until: timeSchema.optional(),
  ...pagingShape,
});

export const memberQuerySchema = z.strictObject({
  state: z.enum(memberStates).optional(),
  email: z.string().optional(),
  ...pagingShape,
});

export const deliveryQuerySchema = z.strictObject({
  answer: z.enum(deliveryAnswers).optional(),
  userId: z.string().toLowerCase().optional(),
  trigger: z.enum(triggers).optional(),
  ...pagingShape,
});

export const resolveSchema = z.strictObject({ outcome: z.enum(['sent', 'retry']) });
export const retryFailedSchema = z.strictObject({ reason: z.string().min(1).optional() });
export const forgetSchema = z.strictObject({ email: emailSchema });
