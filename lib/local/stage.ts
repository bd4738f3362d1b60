/** The simulated Slack as the cast uses it: buttons as they hang in the channel, and commands. */
import type { Config, Person } from '../config.ts';
import { REMARK } from '../slack/buttons.ts';
import type { Slack, SlackThread } from '../twin/slack/slack.ts';
import type { Button, Stage } from './cast.ts';
import { plainText } from './text.ts';

export type { Stage } from './cast.ts';

export function stageOf(slack: Slack, config: Config): Stage {
  const slackUser = (person: Person): string => {
    const [account] = person.slack;
    if (account === undefined) throw new Error(`${person.handle} has no Slack account`);
    return account.user;
  };
  return {
    whispers: (person) =>
      slack
        .whispers()
        .filter(({ user }) => person.slack.some((account) => account.user === user))
        .map((whisper) => plainText(JSON.stringify(whisper))),
    buttons: async (channel) =>
      (await slack.messages(channel)).flatMap((root) => buttonsOf(channel, root)),
    press: async (person, button, reason) => {
      const values =
        reason === undefined
          ? {}
          : { [REMARK]: { [REMARK]: { type: 'plain_text_input', value: reason } } };
      const answer = await slack.pressButton({ slackUser: slackUser(person), ...button, values });
      return answer.status === 200 ? answer.body : `HTTP ${answer.status} ${answer.body}`;
    },
    type: async (person, text) => {
      const channel = config.policy.channel;
      const answer = await slack.slashCommand({ slackUser: slackUser(person), text, channel });
      return answer.status === 200 ? answer.body : `HTTP ${answer.status} ${answer.body}`;
    },
  };
}

function buttonsOf(channel: string, root: SlackThread): Button[] {
  return [root, ...root.replies].flatMap((message) =>
    (message.blocks ?? []).flatMap((block) => {
      const elements = [...listOf(block['elements']), block['accessory']];
      return elements.flatMap((element) => {
        const { action_id: actionId, value } = (element ?? {}) as {
          action_id?: string;
          value?: string;
        };
        return actionId === undefined || value === undefined
          ? []
          : [{ channel, messageTs: message.ts, actionId, value }];
      });
    }),
  );
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
