/** The control door of a house: what `npm run dr` uses to let a person act in the simulated Slack. */
import * as z from 'zod';
import { type Clock, systemClock } from '../clock.ts';
import type { Config, Person } from '../config.ts';
import { DrillbookError, nearest } from '../errors.ts';
import type { Joined } from '../evidence/join.ts';
import type { Http } from '../http.ts';
import { type Head, headSchema } from '../run/head.ts';
import { actionIds } from '../slack/buttons.ts';
import type { Store } from '../store/store.ts';
import { findButton } from './cast.ts';
import { LocalError } from './folder.ts';
import { handIn, handInSchema } from './signed.ts';
import type { Stage } from './stage.ts';
import { plainText } from './text.ts';

export const actSchema = z.strictObject({
  as: z.string(),
  verb: z.string(),
  words: z.array(z.string()),
  reason: z.string().optional(),
});
export type Act = z.infer<typeof actSchema>;

/** Words of the command line that press a button, and the button they press. */
const presses: Readonly<Record<string, string>> = {
  approve: actionIds.approve,
  deny: actionIds.deny,
  done: actionIds.performed,
  witness: actionIds.witnessed,
  confirm: actionIds.confirmed,
  details: actionIds.details,
};
const RUN_ID = /^r-[0-9a-f]{10}$/;
const commands = ['help', 'status', 'drill', 'run', 'wave', 'runs', 'resync'];
/** Orders to a run, typed as Slack's command; whether they count is heard a moment later. */
const orders: readonly string[] = [
  'pause',
  'resume',
  'retry',
  'skip',
  'confirm-skip',
  'decline-skip',
  'abort',
  'withdraw',
  'declare',
  'note',
];

interface Parts {
  readonly config: Config;
  readonly stage: Stage;
  readonly store: Store;
  readonly clock: Clock;
  readonly wake: (run: string) => void;
  /** Kills a process of the house by name, as `kill -9` would. */
  readonly kill: (process: string) => boolean;
  /** Takes in what a gateway wrote of a run while it stood alone. */
  readonly join: (text: string) => Promise<Joined>;
}

/** The one fault that is ours to make: the twin knows nothing of our processes. */
const faultSchema = z.strictObject({
  name: z.literal('gateway-restarted'),
  site: z.string(),
  on: z.literal(true),
});
const signalSchema = z.object({ run: z.string() });

/** The address doors signal to; AWS has the invocation of `advance` there. */
const SIGNAL = '/2015-03-31/functions/advance/invocations';

/**
 * `POST /act` does what one person does, `POST /signed` hands in what a person signed, `POST /faults`
 * kills a gateway, `POST /join` takes in a run that a gateway finished alone,
 * `GET /runs` lists the heads. Loopback only.
 */
export function controlDoor(parts: Parts): Http {
  return async (request) => {
    const path = new URL(request.url).pathname;
    try {
      if (request.method === 'GET' && path === '/runs')
        return answer(200, { now: parts.clock.now(), runs: await headsOf(parts.store) });
      if (request.method === 'POST' && path === SIGNAL) {
        parts.wake(read(signalSchema, request.body).run);
        return answer(202, {});
      }
      if (request.method === 'POST' && path === '/faults')
        return answer(200, { text: restart(parts, read(faultSchema, request.body)) });
      if (request.method === 'POST' && path === '/join')
        return answer(200, { text: joinedWords(await parts.join(request.body ?? '')) });
      if (request.method !== 'POST' || (path !== '/act' && path !== '/signed'))
        return answer(404, { text: 'not here' });
      const { said, refused = [] } = await performed(parts, path, request.body);
      const text = [plainText(said), ...refused].filter((line) => line !== '').join('\n');
      return answer(200, { text, refused: refused.length > 0 });
    } catch (error) {
      if (!(error instanceof DrillbookError)) throw error;
      return answer(400, { text: error.message });
    }
  };
}

function joinedWords({ run, site, lines, drills, pack }: Joined): string {
  const numbers = drills.map(({ offline, drill }) => `${offline} is ${drill}`);
  const evidence = pack === undefined ? [] : [`evidence pack ${pack}`];
  return [`${run}: ${lines} lines from ${site}`, ...numbers, ...evidence].join('\n');
}

function restart({ config, kill }: Parts, { site }: z.infer<typeof faultSchema>): string {
  if (kill(`gateway-${site}`)) return `The gateway of ${site} was killed and is started again.`;
  const near = nearest(
    site,
    config.sites.map(({ id }) => id),
  );
  const why = near === undefined ? '' : `Did you mean "${near}"?`;
  throw new LocalError('LOCAL-USAGE', `No gateway runs at "${site}".`, { why });
}

/** Throws LOCAL-USAGE for what is no JSON, or has another shape. */
function read<T>(schema: z.ZodType<T>, body = ''): T {
  try {
    return schema.parse(JSON.parse(body));
  } catch (cause) {
    const words = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    const why = words.replaceAll(/\s*\n\s*/g, ' ');
    throw new LocalError('LOCAL-USAGE', 'The request is not understood.', { why, cause });
  }
}

/** What one person was answered, and what was refused to that person alone right after. */
interface Performed {
  readonly said: string;
  readonly refused?: readonly string[];
}

const performed = (parts: Parts, path: string, body: string | undefined): Promise<Performed> =>
  path === '/signed'
    ? handIn(parts, read(handInSchema, body))
    : perform(parts, read(actSchema, body));

async function perform(parts: Parts, act: Act): Promise<Performed> {
  const person = personOf(parts.config, act.as);
  if (act.verb === 'resync')
    return { said: await parts.stage.type(person, `run copies-resync ${act.words.join(' ')}`) };
  if (commands.includes(act.verb))
    return { said: await parts.stage.type(person, [act.verb, ...act.words].join(' ')) };
  if (orders.includes(act.verb)) return order(parts, person, act);
  const actionId = presses[act.verb];
  if (actionId === undefined) throw unknownVerb(act.verb);
  const [first] = act.words;
  const named = first?.match(RUN_ID) ? first : undefined;
  const remark = act.reason ?? act.words.slice(named === undefined ? 0 : 1).join(' ');
  const run = await runOf(parts.store, named);
  const button = await findButton(parts.stage, parts.config.policy.channel, { run, actionId });
  if (button === undefined) {
    throw new LocalError('LOCAL-USAGE', `Nobody can ${act.verb} run ${run} now.`, {
      why: 'No message shows that button.',
    });
  }
  const before = parts.stage.whispers(person).length;
  const said = await parts.stage.press(person, button, remark === '' ? undefined : remark);
  const heard = await listen(parts.stage, person, before);
  const all = [said, ...heard].filter((text) => text !== '');
  if (all.length > 0) return { said: all.join('\n') };
  return { said: `${person.handle} pressed ${act.verb} for run ${run}.` };
}

/** An order is typed as `/dr <order> …`; the engine refuses it, if it does, a moment later. */
async function order({ stage }: Parts, person: Person, act: Act): Promise<Performed> {
  const before = stage.whispers(person).length;
  const words = [act.verb, ...act.words, ...(act.reason === undefined ? [] : [act.reason])];
  const said = await stage.type(person, words.join(' '));
  return { said, refused: await listen(stage, person, before) };
}

/** A refusal or the details come a moment after the press (real ms). */
const LISTEN_MS = 2_500;
const LISTEN_EVERY_MS = 100;

async function listen(stage: Stage, person: Person, before: number): Promise<readonly string[]> {
  const real = systemClock();
  const until = real.now() + LISTEN_MS;
  while (stage.whispers(person).length === before && real.now() < until) {
    await real.sleep(LISTEN_EVERY_MS);
  }
  return stage.whispers(person).slice(before);
}

function personOf(config: Config, handle: string): Person {
  const person = config.people.find((candidate) => candidate.handle === handle);
  if (person !== undefined) return person;
  const near = nearest(
    handle,
    config.people.map((candidate) => candidate.handle),
  );
  const why = near === undefined ? '' : `Did you mean "${near}"?`;
  throw new LocalError('LOCAL-USAGE', `Nobody is called "${handle}".`, { why });
}

/** The run named, or the only one that is open. */
async function runOf(store: Store, named: string | undefined): Promise<string> {
  const heads = await headsOf(store);
  if (named !== undefined && heads.some((head) => head.run === named)) return named;
  const open = heads.filter((head) => head.state !== 'ended').map((head) => head.run);
  const [only] = open;
  if (named === undefined && only !== undefined && open.length === 1) return only;
  const why = open.length === 0 ? 'No run is open.' : `Open are ${open.join(', ')}.`;
  throw new LocalError(
    'LOCAL-USAGE',
    named === undefined ? 'Name a run.' : `There is no run "${named}".`,
    { why },
  );
}

async function headsOf(store: Store): Promise<Head[]> {
  return (await store.heads(50)).map((item) => headSchema.parse(JSON.parse(item.json)));
}

function unknownVerb(verb: string): LocalError {
  const near = nearest(verb, [...commands, ...orders, ...Object.keys(presses)]);
  const why = near === undefined ? '' : `Did you mean "${near}"?`;
  return new LocalError('LOCAL-USAGE', `There is no command "${verb}".`, { why });
}

const answer = (status: number, body: unknown) => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
