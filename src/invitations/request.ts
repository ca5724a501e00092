import { z } from 'zod';
import { isMailable } from '../channels/mail.ts';
import { addressUse, longestAddress } from '../domain/invitation-address.ts';
import { employeeTypes, invitationModes, knownLanguage } from '../domain/vocabulary.ts';

/** An address that a user of a portal can have (docs/docspace-wire.md 13.6). */
export const emailSchema = z
  .string()
  .trim()
  .max(longestAddress, { error: `is longer than ${longestAddress} characters`, abort: true })
  .refine((email) => addressUse(email) !== 'none', 'is not an e-mail address');

/** The language of letters, in its usual form: `pt_br` becomes `pt-BR`. */
const languageSchema = z
  .string()
  .trim()
  .max(35, 'is not a language such as de or pt-BR')
  .refine((text) => text === '' || knownLanguage(text) !== null, {
    error: 'is not a language such as de or pt-BR',
  });

const noteSchema = z.string().trim().max(500, 'is longer than 500 characters');

/** One invitation as the caller requests it. */
export const invitationRequestSchema = z
  .strictObject({
    employeeType: z.enum(employeeTypes),
    mode: z.enum(invitationModes).default('link'),
    email: emailSchema.nullish(),
    note: noteSchema.nullish(),
    language: languageSchema.nullish(),
    /** The caller's own key. A second request with this key and address gets the existing invitation. */
    idempotencyKey: z.string().min(1).max(100).nullish(),
  })
  .superRefine((request, context) => {
    if (request.mode === 'link') return;
    if (!request.email) {
      const message = `is needed with mode "${request.mode}"`;
      context.addIssue({ code: 'custom', path: ['email'], message });
    }
    if (request.mode === 'smtp') {
      if (request.email && !isMailable(request.email)) {
        const message = 'no mail can be sent to this address: use mode "link"';
        context.addIssue({ code: 'custom', path: ['email'], message });
      }
      return;
    }
    if (request.employeeType === 'Guest') {
      // `POST people/invite` answers 403 for a guest (docs/docspace-wire.md 4.1).
      const message = 'the portal mails no guest invitations: use mode "smtp" or "link"';
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
    language: request.language ? knownLanguage(request.language) : null,
    idempotencyKey: request.idempotencyKey ?? null,
  }));

export const mostInvitations = 1_000;
export const invitationRequestsSchema = z
  .array(invitationRequestSchema)
  .min(1, 'holds no invitation')
  .max(mostInvitations, `holds more than ${mostInvitations} invitations`);
