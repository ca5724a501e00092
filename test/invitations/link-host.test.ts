import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { operator } from '../../src/domain/timeline.ts';
import { issueInProcess } from '../../src/invitations/import/issue-rows.ts';
import { verb } from '../keep/support.ts';
import { startWorld } from '../support/world.ts';

const isLink = ({ path }: { readonly path: string }) => path.includes('portal/users/invite/');
const linkTo = (host: string) => ({
  kind: 'answer' as const,
  status: 200,
  body: JSON.stringify({
    response: `https://${host}/s/abcdefghijklmno`,
    status: 0,
    statusCode: 200,
    count: 1,
  }),
});

test('a link with a private host is returned with a warning, which is logged once', async () => {
  const world = await startWorld({ withWebhook: false });
  for (let i = 0; i < 3; i += 1) {
    const { json } = await world.api('POST', '/api/invitations', { employeeType: 'User' });
    expect(json.warning).toContain('127.0.0.1');
    expect(json.warning).toContain('DOCSPACE_URL');
    const resent = await world.api('POST', `/api/invitations/${json.id}/resend`);
    expect(resent.json.warning).toContain('127.0.0.1');
  }
  expect(world.log.filter((line) => line.includes('the link leads to'))).toHaveLength(1);
});

test.each(['other.example.com', 'onlyoffice-router:8092', 'bit.ly'])(
  'a link that leads to %s is not the portal’s of DOCSPACE_URL: a warning names both',
  async (host) => {
    const world = await startWorld({ withWebhook: false });
    world.portal.control.interfere({ on: isLink, act: linkTo(host) });
    const { json } = await world.api('POST', '/api/invitations', [{ employeeType: 'User' }]);
    expect(json[0].warning).toContain(host);
    expect(json[0].warning).toContain(new URL(world.portal.url).host);
  },
);

test('an invitation by e-mail has no warning about its link', async () => {
  const world = await startWorld({ withWebhook: false });
  const wish = { employeeType: 'User', mode: 'email', email: 'ann@example.com' };
  const { json } = await world.api('POST', '/api/invitations', wish);
  expect(json).toMatchObject({ status: 'issued' });
  expect(json).not.toHaveProperty('warning');
});

test('a row of an import carries the same warning, on the dashboard and on the command line', async () => {
  const world = await startWorld({ withWebhook: false });
  const wish = { employeeType: 'User', mode: 'link', email: null, note: null } as const;
  const [row] = await issueInProcess(world.service.inviter, operator)([wish]);
  expect(row).toMatchObject({
    result: { result: 'invited', reason: { code: 'link_host_private', host: expect.any(String) } },
  });
  const file = join(world.folder, 'people.csv');
  writeFileSync(file, 'email,type\nann@example.com,User\nbob@example.com,User\n');
  const { code, output } = await verb(world, ['invite', '--csv', file]);
  expect([code, output.match(/people outside your network/g)]).toEqual([0, [expect.any(String)]]);
  const results = readFileSync(`${file}.result.csv`, 'utf8');
  expect(results.match(/people outside your network/g)).toHaveLength(2);
});
