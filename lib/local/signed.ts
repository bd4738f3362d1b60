/** What people signed, handed in at the control door: it goes to the inbox like every other wish. */
import * as z from 'zod';
import { canonical } from '../canonical.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Refusal } from '../errors.ts';
import { signedStatementSchema } from '../gateway/protocol.ts';
import { parseEvent } from '../run/events.ts';
import type { InboxBody } from '../run/inbox.ts';
import { causeOf } from '../run/session.ts';
import { askOfStatement } from '../run/wishes.ts';
import type { Store } from '../store/store.ts';
import { LocalError } from './folder.ts';

export const handInSchema = z.strictObject({
  as: z.string(),
  verb: z.enum(['approve', 'skip', 'confirm-skip']),
  reason: z.string().optional(),
  signed: signedStatementSchema,
});

interface Parts {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly wake: (run: string) => void;
}

/** Answers what the engine made of it; the signature is for the engine to judge. */
export async function handIn(
  { config, store, clock, wake }: Parts,
  { as, verb, reason, signed }: z.infer<typeof handInSchema>,
): Promise<{ readonly said: string; readonly refused?: readonly string[] }> {
  const person = config.people.find(({ handle }) => handle === as);
  if (person === undefined) throw new LocalError('LOCAL-USAGE', `Nobody is called "${as}".`);
  const { run, nonce } = signed.statement;
  const body: InboxBody = {
    v: 1,
    origin: { via: 'cli' },
    ask: askOfStatement({ verb, ...(reason === undefined ? {} : { reason }) }, signed),
  };
  const delivery = `cli:${nonce}`;
  const at = clock.now();
  await store.putInbox({ run, delivery, at, person: person.id, body: canonical(body) });
  wake(run);
  const refusal = await outcomeOf(store, run, delivery);
  if (refusal === 'granted') return { said: `${as} signed: ${verb}, run ${run}, with an own key.` };
  if (refusal === undefined) return { said: 'Handed in; the engine has not taken it yet.' };
  const { code, what, why, next } = refusal;
  return { said: '', refused: [`${code}: ${what} ${why} ${next}`] };
}

/** Real ms. */
const WAIT_MS = 100;
const WAITS = 50;

/** What the journal says of this delivery; undefined when it says nothing in time. */
async function outcomeOf(
  store: Store,
  run: string,
  delivery: string,
): Promise<Refusal | 'granted' | undefined> {
  for (let i = 0; i < WAITS; i++) {
    const lines = await store.chain(`run:${run}`);
    const event = lines
      .map(({ line }) => parseEvent(line))
      .find(({ cause }) => cause === causeOf(delivery));
    if (event !== undefined) return event.type === 'refused' ? event.data.refusal : 'granted';
    await systemClock().sleep(WAIT_MS);
  }
  return undefined;
}
