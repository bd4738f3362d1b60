/**
 * Who a person is at this moment: roles from our configuration, the account's flags from Slack.
 * What cannot be asked is `unreachable`, and unreachable means no.
 */
import type { Directory, Standing } from '../approval/directory.ts';
import type { Config, Person } from '../config.ts';
import type { Origin } from '../run/inbox.ts';
import type { SlackChannel, SlackLookup, SlackUser } from './client.ts';
import { SlackCallFailed } from './errors.ts';

interface DirectoryOptions {
  readonly client: SlackLookup;
  /** Read anew for each question: somebody may have lost a role since. */
  config(): Promise<Config>;
}

/** A directory that asks Slack about those who act in Slack; the others are known by themselves. */
export function createDirectory({ client, config }: DirectoryOptions): Directory {
  return {
    lookup: async (id, origin) => {
      try {
        const current = await config();
        const person = current.people.find((one) => one.id === id);
        if (person === undefined) return { state: 'unknown' };
        if (origin.via !== 'slack') {
          const { roles, flags } = person;
          return { state: 'known', roles, flags, sharedChannel: false };
        }
        return await askSlack(client, { current, person, origin });
      } catch (error) {
        return unreachable(error);
      }
    },
    recheck: async (id) => {
      try {
        const current = await config();
        const person = current.people.find((one) => one.id === id);
        return person === undefined ? { state: 'unknown' } : await askAll(client, current, person);
      } catch (error) {
        return unreachable(error);
      }
    },
  };
}

/** Every account counts: one that was deactivated since the click takes the approval with it. */
async function askAll(client: SlackLookup, config: Config, person: Person): Promise<Standing> {
  const accounts = await Promise.all(person.slack.map(({ user }) => client.user(user)));
  const flags = accounts.flatMap((account) => flagsOf(account, config.policy.workspace));
  return {
    state: 'known',
    roles: person.roles,
    flags: [...new Set([...person.flags, ...flags])],
    sharedChannel: false,
  };
}

async function askSlack(
  client: SlackLookup,
  about: { readonly current: Config; readonly person: Person; readonly origin: Origin },
): Promise<Standing> {
  const { current, person, origin } = about;
  const { team, user, channel } = origin;
  const { workspace, sharedChannels } = current.policy;
  const enrolled = person.slack.some((one) => one.team === team && one.user === user);
  if (!enrolled || user === undefined || team !== workspace) return { state: 'unknown' };
  if (channel === undefined) return { state: 'unreachable', why: 'no channel was given' };
  const [account, place] = await Promise.all([client.user(user), client.channel(channel)]);
  return {
    state: 'known',
    roles: person.roles,
    flags: [...new Set([...person.flags, ...flagsOf(account, workspace)])],
    sharedChannel: isShared(place) || sharedChannels.includes(channel),
  };
}

/** A flag Slack does not send counts as not set, except a confirmed address: doubt means no. */
function flagsOf(account: SlackUser, workspace: string): Person['flags'] {
  const stranger = account.is_stranger || account.is_invited_user || account.team_id !== workspace;
  const bot = account.is_bot || account.is_app_user || account.is_workflow_bot;
  return [
    ...(account.deleted ? (['deactivated'] as const) : []),
    ...(bot ? (['bot'] as const) : []),
    ...(account.is_restricted || account.is_ultra_restricted ? (['guest'] as const) : []),
    ...(stranger ? (['stranger'] as const) : []),
    ...(account.is_email_confirmed === true ? [] : (['email-unconfirmed'] as const)),
  ];
}

const isShared = (channel: SlackChannel): boolean =>
  [channel.is_ext_shared, channel.is_pending_ext_shared, channel.is_org_shared].includes(true);

function unreachable(error: unknown): Standing {
  if (error instanceof SlackCallFailed) {
    if (error.error === 'user_not_found') return { state: 'unknown' };
    return { state: 'unreachable', why: error.error };
  }
  return { state: 'unreachable', why: error instanceof Error ? error.message : String(error) };
}
