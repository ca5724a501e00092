import { describe, expect, test } from 'vitest';
import { RELEASES } from '../../simulator/releases.ts';
import { startWorld } from '../support/world.ts';

/*
 * The answers of every supported release to invitations. Older releases answer 200 where newer ones
 * refuse.
 */

describe.each(RELEASES)('release %s', (release) => {
  test('an e-mail invitation that the portal does not make is refused with the likely reason', async () => {
    const world = await startWorld({ withWebhook: false, portal: { release } });
    const { control } = world.portal;
    const admin = control.addAccount({ email: 'admin@example.com', type: 'DocSpaceAdmin' });
    const theirs = await world.restart({ DOCSPACE_API_KEY: admin.apiKey });
    const wish = { employeeType: 'DocSpaceAdmin', mode: 'email', email: 'ann@example.com' };
    const answer = await theirs.api('POST', '/api/invitations', wish);
    expect(answer.status).toBe(422);
    expect(answer.json.detail).toContain('DocSpaceAdmin');
    const shown = await theirs.api('GET', `/api/invitations/${answer.json.invitation}`);
    expect(shown.json.status).toBe('failed');
    expect(control.letters()).toEqual([]);
  });

  test('a deleted person is not found, and resend says so', async () => {
    const world = await startWorld({ withWebhook: false, portal: { release } });
    const { control } = world.portal;
    const wish = { employeeType: 'User', mode: 'email', email: 'ann@example.com' };
    const { json } = await world.api('POST', '/api/invitations', wish);
    const user = control.userByEmail(wish.email);
    control.disable(user?.id ?? '');
    control.deleteUser(user?.id ?? '');
    const answer = await world.api('POST', `/api/invitations/${json.id}/resend`);
    expect(answer.json.type).toMatch(/:user_not_found$/);
  });
});
