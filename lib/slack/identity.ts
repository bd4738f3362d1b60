/** From a Slack account to a person: the pair of workspace and user id, never a name. */
import type { DoorConfig } from './door-config.ts';
import type { Language } from './texts.ts';

export type DoorPerson = DoorConfig['people'][number];

/** `userTeam` is the presser's own workspace where Slack tells it; Bolt would not compare them. */
export interface Account {
  readonly team: string | undefined;
  readonly user: string;
  readonly userTeam?: string | undefined;
}

/** Undefined for a stranger: not enrolled, or from another workspace than ours. */
export function identify(config: DoorConfig, account: Account): DoorPerson | undefined {
  const { team, user, userTeam = team } = account;
  if (team !== config.workspace || userTeam !== config.workspace) return undefined;
  return config.people.find((person) =>
    person.slack.some((one) => one.team === team && one.user === user),
  );
}

export const languageOf = (config: DoorConfig, person: DoorPerson | undefined): Language =>
  person?.language ?? config.language;
