/** `/dr pause|resume|retry|skip|…`: an order to a run, put into its inbox; the engine judges it. */
import { type Head, headSchema } from '../../run/head.ts';
import type { Ask } from '../../run/inbox.ts';
import type { Order } from '../../run/verbs.ts';
import { type Message, message, section } from '../blocks/elements.ts';
import { choose } from '../choose.ts';
import { deliver } from '../deliver.ts';
import { SlackRefused } from '../errors.ts';
import { type Language, say, verbIn } from '../texts.ts';
import { type DoorKeeper, deliveryOf, type Visit } from '../visit.ts';
import type { Subcommand } from './command.ts';

/** Takes its words off the front of `words`; what is left is the reason. */
type Make = (words: string[], at: { readonly head: Head; readonly language: Language }) => Ask;

const reasonOf = (words: readonly string[]): string => words.join(' ');

const makes: Readonly<Record<Exclude<Order, 'answer'>, Make>> = {
  pause: (words) => ({ verb: 'pause', reason: reasonOf(words) }),
  resume: (words) => ({ verb: 'resume', reason: reasonOf(words) }),
  retry: (words) => ({ verb: 'retry', reason: reasonOf(words) }),
  note: (words) => ({ verb: 'note', text: reasonOf(words) }),
  declare: (words) => ({ verb: 'declare', text: reasonOf(words) }),
  skip: (words, at) => ({ verb: 'skip', step: stepOf(words, at), reason: reasonOf(words) }),
  'confirm-skip': (words, at) => ({ verb: 'confirm-skip', step: stepOf(words, at) }),
  'decline-skip': (words, at) => ({
    verb: 'decline-skip',
    step: stepOf(words, at),
    reason: reasonOf(words),
  }),
  abort: (words) => {
    const mode = modeOf(words);
    const reason = reasonOf(words);
    return mode === undefined ? { verb: 'abort', reason } : { verb: 'abort', reason, mode };
  },
  withdraw: (words, { head: { planHash }, language }) => {
    if (planHash !== undefined) return { verb: 'withdraw', planHash, reason: reasonOf(words) };
    const what = say(language, 'order.plan.none');
    throw new SlackRefused('SLK-RUN', { what, next: '' });
  },
};

export const orders: Readonly<Record<string, Subcommand>> = Object.fromEntries(
  Object.entries(makes).map(([verb, make]) => [
    verb,
    (door, visit, rest) => order(door, visit, { rest, make }),
  ]),
);

async function order(
  door: DoorKeeper,
  visit: Visit,
  { rest, make }: { readonly rest: string; readonly make: Make },
): Promise<Message> {
  const { language, team, user, channel, triggerId } = visit;
  const words = rest.split(' ').filter((word) => word !== '');
  const head = await runOf(door, words, language);
  const ask = make(words, { head, language });
  await deliver(door, {
    run: head.run,
    delivery: deliveryOf(team, triggerId),
    person: visit.person.id,
    origin: { via: 'slack', channel, team, user },
    ask,
  });
  const verb = verbIn(language, ask.verb);
  const text = say(language, 'order.taken', { verb, run: head.run });
  return message(text, [section(text)]);
}

const RUN_ID = /^r-[0-9a-f]{10}$/;
/** Open runs are among the newest. */
const SEARCHED = 50;

/** The run that is named, or the only one that is open. */
async function runOf(door: DoorKeeper, words: string[], language: Language): Promise<Head> {
  const named = RUN_ID.test(words[0] ?? '') ? words.shift() : undefined;
  if (named !== undefined) {
    const item = await door.store.head(named);
    if (item !== undefined) return headSchema.parse(JSON.parse(item.json));
    throw noRun(say(language, 'order.run.unknown', { typed: named }), '');
  }
  const items = await door.store.heads(SEARCHED);
  const heads = items.map((item) => headSchema.parse(JSON.parse(item.json)));
  const open = heads.filter(({ state }) => state !== 'ended');
  const [only] = open;
  if (only === undefined) throw noRun(say(language, 'order.run.none'), '');
  if (open.length === 1) return only;
  const choices = open.map(({ run }) => run).join(', ');
  const next = say(language, 'command.choices', { choices });
  throw noRun(say(language, 'order.run.many'), next);
}

const noRun = (what: string, next: string) => new SlackRefused('SLK-RUN', { what, next });

function stepOf(words: string[], { head, language }: Parameters<Make>[1]): string {
  const steps = head.steps.map(({ id }) => ({ id }));
  return choose(words.shift() ?? '', steps, {
    code: 'SLK-STEP',
    missing: 'order.step.missing',
    unknown: 'order.step.unknown',
    language,
  }).id;
}

/** `--undo` or `--keep`, also with the long dash that phones make of two hyphens. */
function modeOf(words: string[]): 'undo' | 'keep' | undefined {
  const mode = /^(?:--|[-–—])(undo|keep)$/.exec(words[0] ?? '')?.[1];
  if (mode !== undefined) words.shift();
  return mode === 'undo' || mode === 'keep' ? mode : undefined;
}
