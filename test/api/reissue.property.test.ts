import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Invitation,
  invitationLifetimeMs,
  invitationStatus,
} from '../../src/domain/invitation.ts';
import { mayReissue } from '../../src/domain/invitation-permissions.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from '../support/world.ts';

const now = Date.UTC(2026, 0, 10);

const anyInvitation = fc.record<Invitation>({
  id: fc.constant('inv_1'),
  employeeType: fc.constant('Guest'),
  mode: fc.constantFrom('link', 'email'),
  email: fc.option(fc.constant('ann@example.com')),
  note: fc.constant(null),
  stage: fc.constantFrom('issuing', 'issued', 'failed'),
  reason: fc.constant(null),
  link: fc.option(fc.constant('https://portal/s/1')),
  accountId: fc.constant('account'),
  userId: fc.constant(null),
  createdAt: fc.constant(now - 2 * invitationLifetimeMs),
  issuedAt: fc.constantFrom(now, now - invitationLifetimeMs),
  revokedAt: fc.option(fc.constant(now)),
  furthestStep: fc.constantFrom('none', 'registered', 'activated', 'welcomed', 'failed', 'gone'),
  language: fc.constant(null),
  letter: fc.constant(null),
  letterDueAt: fc.constant(null),
});

describe('the rule', () => {
  test('allows both for issued, open and expired invitations, and neither for others', () => {
    fc.assert(
      fc.property(anyInvitation, fc.constantFrom('revoke', 'resend'), (invitation, verb) => {
        const isLive = ['issued', 'open', 'expired'].includes(invitationStatus(invitation, now));
        const permission = mayReissue(invitation, verb, now);
        expect(permission.kind).toBe(isLive ? 'allowed' : 'forbidden');
      }),
    );
  });

  test('makes an invitation revoked by a revoke, and valid again by a resend', () => {
    fc.assert(
      fc.property(anyInvitation, (invitation) => {
        if (mayReissue(invitation, 'revoke', now).kind === 'forbidden') return;
        expect(invitationStatus({ ...invitation, revokedAt: now }, now)).toBe('revoked');
        const renewed = invitationStatus({ ...invitation, issuedAt: now }, now);
        expect(renewed).toBe(invitation.email === null ? 'open' : 'issued');
      }),
    );
  });
});

const step = fc.constantFrom('revoke', 'resend', 'register', 'confirm', 'both at once');
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const came = ['registered', 'activated', 'welcomed'];

test('revoking, sending again and registering in any order end as docs/design.md#invitations allows', {
  timeout: 240_000,
}, async () => {
  const world = await startWorld();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(step, { minLength: 1, maxLength: 7 }),
      async (isOpen, steps) => {
        run += 1;
        await play(world, { isOpen, steps, email: `person${run}@example.com` });
      },
    ),
    { numRuns: 25 },
  );
  const greeted = world.portal.control.congratulations().map((one) => one.userId);
  expect(new Set(greeted).size).toBe(greeted.length);
});

async function play(
  world: World,
  given: { readonly isOpen: boolean; readonly steps: readonly Step[]; readonly email: string },
): Promise<void> {
  const { isOpen, steps, email } = given;
  const { control } = world.portal;
  const body = { employeeType: 'Guest', ...(isOpen ? {} : { email }) };
  const { json: invited } = await world.api('POST', '/api/invitations', body);
  const path = `/api/invitations/${invited.id}`;
  let link: string = invited.link;
  let isRevoked = false;
  let userId: string | null = null;
  let registeredSecond: number | null = null;
  let revokedSecond: number | null = null;
  let isRevokedFirst = false;

  async function reissue(verb: 'revoke' | 'resend'): Promise<void> {
    const answer = await world.api('POST', `${path}/${verb}`);
    expect([200, 409]).toContain(answer.status);
    if (answer.status !== 200) {
      // Nothing else changes it: it was revoked before, or somebody registered.
      expect(isRevoked || userId !== null).toBe(true);
      return;
    }
    if (verb === 'revoke') {
      expect(isRevoked).toBe(false);
      expect(answer.json).toMatchObject({ status: 'revoked', link: null });
      isRevoked = true;
      revokedSecond = Math.floor(Date.parse(answer.json.revokedAt) / 1_000);
    } else {
      expect(answer.json.status).toBe(isOpen ? 'open' : 'issued');
      expect(answer.json.link).not.toBe(link);
      link = answer.json.link;
    }
  }

  for (const one of steps) {
    switch (one) {
      case 'revoke':
      case 'resend':
        if (one === 'resend' && isRevoked) {
          expect((await world.api('POST', `${path}/resend`)).status).toBe(409);
        } else await reissue(one);
        break;
      case 'register':
        if (userId !== null) break;
        registeredSecond = Math.floor(Date.now() / 1_000);
        isRevokedFirst = isRevoked;
        userId = control.register({ link, email, firstName: 'P', lastName: 'Q' });
        break;
      case 'confirm':
        if (userId !== null && control.user(userId)?.activationStatus !== 1) {
          control.confirmEmail(userId);
        }
        break;
      case 'both at once':
        if (isRevoked) break;
        await Promise.all([
          world.api('POST', `${path}/resend`).then(({ status, json }) => {
            if (status === 200) link = json.link;
          }),
          reissue('revoke'),
        ]);
        break;
      default:
        one satisfies never;
    }
  }

  // The portal cuts times to seconds, so a person who came in the second of the revocation counts as
  // revoked, and one who came earlier does not. If the person came first, their check may also end
  // before the revocation is stored, and then they have used the invitation.
  const cameBefore =
    registeredSecond !== null && registeredSecond < (revokedSecond ?? Number.POSITIVE_INFINITY);
  const isUsed = !isOpen && cameBefore;
  const mayBeUsed = !isOpen && !isRevokedFirst && registeredSecond === revokedSecond && isRevoked;
  const unused = isRevoked ? 'revoked' : isOpen ? 'open' : 'issued';
  const ends = isUsed ? came : mayBeUsed ? [unused, ...came] : [unused];
  await until(`${steps.join(', ')} ends as ${ends.join(' or ')}`, async () => {
    const { json } = await world.api('GET', path);
    const isConsistent = json.link === null || ['issued', 'open'].includes(json.status);
    expect([json.status, isConsistent]).toEqual([json.status, true]);
    return ends.includes(json.status) && (json.revokedAt !== null) === isRevoked;
  });
}
