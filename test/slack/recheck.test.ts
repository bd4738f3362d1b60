/** People are asked about again before the first call: every account of theirs counts. */
import { expect, test } from '@jest/globals';
import { loadConfig } from '../../lib/load-config.ts';
import type { SlackUser } from '../../lib/slack/client.ts';
import { createDirectory } from '../../lib/slack/directory.ts';
import { SlackCallFailed } from '../../lib/slack/errors.ts';

const config = await loadConfig('config');
const lee = config.people.find(({ handle }) => handle === 'lee');
const fine: SlackUser = { team_id: config.policy.workspace, is_email_confirmed: true };

function directoryOf(user: (id: string) => Promise<SlackUser>) {
  const client = { user, channel: async () => ({}) };
  return createDirectory({ client, config: async () => config });
}

test('one deactivated account of a person takes the approval with it', async () => {
  const directory = directoryOf(async (id) => ({ ...fine, deleted: id === 'U92LEE' }));
  expect(await directory.recheck(lee?.id ?? '')).toMatchObject({ flags: ['deactivated'] });
  const well = directoryOf(async () => fine);
  expect(await well.recheck(lee?.id ?? '')).toMatchObject({ flags: [], roles: ['dr-approver'] });
});

test('a person who is not enrolled is unknown, a silent Slack is unreachable', async () => {
  const silent = directoryOf(async () => {
    throw new SlackCallFailed({ kind: 'unavailable', error: 'timeout' });
  });
  expect(await silent.recheck('p-00000000')).toEqual({ state: 'unknown' });
  expect(await silent.recheck(lee?.id ?? '')).toMatchObject({ state: 'unreachable' });
});
