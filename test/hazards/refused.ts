/** One case played: what the engine says, what the gateway says, and what the twin has to show for it. */
import { type Bank, openBank } from '../support/bank.ts';
import { ordered, putByHand } from '../support/moves.ts';
import { patiently } from '../support/patience.ts';
import { planOf } from '../support/proof.ts';
import type { HazardCase } from './cases.ts';

export interface Refused {
  /** What people read of the run. */
  readonly engine: string;
  /** The gateway's answer to the call put past the engine; undefined where none is put. */
  readonly gateway: string | undefined;
  /** How often that call was accepted by a target since the hazard was there. */
  readonly sent: number;
}

/** Until a takeover by somebody else is done, and a put that was refused is forgotten (ms). */
const SETTLES_MS = 60_000;

export async function refused(given: HazardCase): Promise<Refused> {
  const { course, call, at } = given;
  const [type, step] = at.split(' ');
  let reached = false;
  let since = 0;
  let listening = false;
  const strike = (bank: Bank): void => {
    reached = true;
    since = bank.world.effects.length;
    if (given.remade) bank.world.fault('taken-over', false, placeOf(given));
    if (given.fault !== undefined) bank.world.fault(given.fault, true, placeOf(given));
  };
  const bank: Bank = await openBank({
    seed: `hazard ${given.hazard} ${given.runbook}`,
    sparing: true,
    ...(course.edit === undefined ? {} : { edit: course.edit }),
    onEvent: (event) => {
      if (listening && !reached && event.type === type && stepOf(event) === step) strike(bank);
    },
  });
  try {
    await course.furnish?.(bank);
    if (at === 'before') strike(bank);
    await course.prelude(bank);
    if (at === 'start') strike(bank);
    bank.clock.advance(SETTLES_MS);
    listening = true;
    const run = await ordered(bank, given.runbook, course.service).catch(() => bank.lastSignal());
    await bank.drive(run, ({ state }) => state === 'paused' || (reached && type !== 'start'));
    if (!reached) throw new Error('it was never struck');
    // At once, before anybody has judged anything; where it was there before, after its predecessors.
    const early = type !== 'start' && call !== undefined;
    const first = early ? await byHand(bank, run, call) : undefined;
    const { result, pause } = await patiently(bank, run);
    const engine = [pause?.refusal.why, ...(result?.reasons ?? [])].join(' ');
    const gateway = early || call === undefined ? first : await byHand(bank, run, call);
    const sent = call === undefined ? 0 : await sentSince(bank, { run, call, since });
    return { engine, gateway, sent };
  } finally {
    await bank.close();
  }
}

async function byHand(bank: Bank, run: string, call: string): Promise<string> {
  bank.clock.advance(SETTLES_MS);
  return putByHand(bank, run, call);
}

const stepOf = ({ data }: { readonly data: unknown }): unknown =>
  typeof data === 'object' && data !== null && 'step' in data ? data.step : undefined;

const placeOf = ({ fault, runbook, course: { service } }: HazardCase) =>
  fault === 'lock-held' ? { site: lockedAt(runbook) } : { service };

/** Where the array is whose lock somebody holds: that of the call. */
const lockedAt = (runbook: string): string =>
  ['failback', 'extend', 'retire'].includes(runbook) ? 'main' : 'dr';

async function sentSince(
  bank: Bank,
  { run, call, since }: { readonly run: string; readonly call: string; readonly since: number },
): Promise<number> {
  const found = (await planOf(bank, run)).calls.find(({ id }) => id === call);
  if (found === undefined) throw new Error(`no call ${call}`);
  return bank.world.effects
    .slice(since)
    .filter(({ method, path }) => method === found.method && path.endsWith(found.path)).length;
}
