import { z } from 'zod';
import { invitationStatuses } from '../onboarding/invitation.ts';
import { memberStates } from '../onboarding/member.ts';
import { employeeTypes, invitationModes, triggers } from '../onboarding/words.ts';
import { deliveryAnswers } from '../store/told.ts';

/* What comes in over HTTP and from the command line. Unknown fields are faults: a typo is not a wish. */

/** As the portal demands it (wire 4): valid and at most 255 characters. */
export const emailSchema = z
  .string()
  .trim()
  .max(255, 'is longer than 255 characters')
  .pipe(z.email('is not an e-mail address'));

const noteSchema = z.string().trim().max(500, 'is longer than 500 characters');

/** One invitation as it is asked for. */
export const invitationRequestSchema = z
  .strictObject({
    employeeType: z.enum(employeeTypes),
    mode: z.enum(invitationModes).default('link'),
    email: emailSchema.nullish(),
    note: noteSchema.nullish(),
    /** The caller's own key: the same wish again is answered with the invitation that it has. */
    importKey: z.string().min(1).max(100).nullish(),
  })
  .superRefine((request, context) => {
    if (request.mode !== 'email') return;
    if (!request.email) {
      context.addIssue({ code: 'custom', path: ['email'], message: 'is needed with mode "email"' });
    }
    if (request.employeeType === 'Guest') {
      // wire 4: POST people/invite answers 403 for a guest.
      const message = 'the portal mails no guest invitations: use mode "link"';
      context.addIssue({ code: 'custom', path: ['mode'], message });
    }
  })
  .transform((request) => ({
    employeeType: request.employeeType,
    mode: request.mode,
    email: request.email || null,
    note: request.note || null,
    importKey: request.importKey ?? null,
  }));

export const mostInvitations = 1_000;
export const invitationRequestsSchema = z
  .array(invitationRequestSchema)
  .min(1, 'holds no invitation')
  .max(mostInvitations, `holds more than ${mostInvitations} invitations`);

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
