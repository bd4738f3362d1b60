/** Names people know, for the ids that journals and heads carry. */
import type { Config } from '../config.ts';
import type { DoorConfig } from './door-config.ts';
import { type Language, type Markup, markup } from './texts.ts';

/** What any view of a run needs. */
export interface View {
  readonly language: Language;
  person(id: string): string;
}

/** What the messages of a run need besides. */
export interface ChannelView extends View {
  site(id: string): string;
  /** From where to where, as names of sites. */
  route(service: string): { readonly from: string; readonly to: string } | undefined;
  /** Mentions of those who hold a role, at most ten; people are paged by it. */
  mentions(role: string): Markup;
}

const MENTIONED = 10;

/** The channel's view of the whole configuration. */
export function channelView(config: Config): ChannelView {
  const language = config.policy.channelLanguage;
  const site = (id: string) => config.sites.find((one) => one.id === id)?.name[language] ?? id;
  return {
    language,
    person: personIn(config.people, language),
    site,
    route: (service) => {
      const found = config.services.find((one) => one.id === service)?.replication;
      return found && { from: site(found.from), to: site(found.to) };
    },
    mentions: (role) => {
      const accounts = config.people
        .filter((person) => person.roles.includes(role) && person.flags.length === 0)
        .flatMap((person) => accountsOf(person, config.policy.workspace).slice(0, 1));
      return markup(
        accounts
          .slice(0, MENTIONED)
          .map((user) => `<@${user}>`)
          .join(' '),
      );
    },
  };
}

/** One reader's view at the door. */
export const doorView = (config: DoorConfig, language: Language): View => ({
  language,
  person: personIn(config.people, language),
});

/** A person's user ids in our workspace. */
export function accountsOf(
  person: { readonly slack: readonly { readonly team: string; readonly user: string }[] },
  workspace: string,
): string[] {
  return person.slack.filter((one) => one.team === workspace).map((one) => one.user);
}

function personIn(
  people: readonly { readonly id: string; readonly name: Record<Language, string> }[],
  language: Language,
) {
  return (id: string) => people.find((person) => person.id === id)?.name[language] ?? id;
}
