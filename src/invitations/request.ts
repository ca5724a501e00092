import { z } from 'zod';
import { addressUse, longestAddress } from '../domain/invitation-address.ts';
import { employeeTypes, invitationModes } from '../domain/vocabulary.ts';

/** An address that a user of a portal can have (docs/docspace-wire.md 13.6). */
export const emailSchema = z
  .string()
  .trim()
  .max(longestAddress, { error: `is longer than ${longestAddress} characters`, abort: true })
  .refine((email) => addressUse(email) !== 'none', 'is not an e-mail address');

const noteSchema = z.string().trim().max(500, 'is longer than 500 characters');

/** One invitation as the caller requests it. */
export const invitationRequestSchema = z
  .strictObject({
    employeeType: z.enum(employeeTypes),
    mode: z.enum(invitationModes).default('link'),
    email: emailSchema.nullish(),
    note: noteSchema.nullish(),
    /** The caller's own key. A second request with the same key is answered with the existing invitation. */
    idempotencyKey: z.string().min(1).max(100).nullish(),
  })
  .superRefine((request, context) => {
    if (request.mode !== 'email') return;
    if (!request.email) {
      context.addIssue({ code: 'custom', path: ['email'], message: 'is needed with mode "email"' });
    }
    if (request.employeeType === 'Guest') {
      // `POST people/invite` answers 403 for a guest (docs/docspace-wire.md 4.1).
      const message = 'the portal mails no guest invitations: use mode "link"';
      context.addIssue({ code: 'custom', path: ['mode'], message });
    } else if (request.email && addressUse(request.email) === 'link_only') {
      const message = 'the portal mails no invitation to this address: use mode "link"';
      context.addIssue({ code: 'custom', path: ['mode'], message });
    }
  })
  .transform((request) => ({
    employeeType: request.employeeType,
    mode: request.mode,
    email: request.email || null,
    note: request.note || null,
    idempotencyKey: request.idempotencyKey ?? null,
  }));

export const mostInvitations = 1_000;
export const invitationRequestsSchema = z
  .array(invitationRequestSchema)
  .min(1, 'holds no invitation')
  .max(mostInvitations, `holds more than ${mostInvitations} invitations`);
