/** A bank whose runs are conducted, by Step Functions or by the loop of one machine, until they end. */
import { createConductor } from '../../lib/run/conductor.ts';
import type { Engine } from '../../lib/run/engine.ts';
import { reviveRun } from '../../lib/run/generation.ts';
import type { Head } from '../../lib/run/head.ts';
import type { Pace } from '../../lib/run/moves/pace.ts';
import { type Swept, sweep } from '../../lib/run/sweep.ts';
import { type Beat, tick, tickOrderSchema } from '../../lib/run/tick.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { conductorMachine } from './definition.ts';
import { type StepFunctions, stepFunctions } from './execute.ts';
import { type VirtualTime, virtualTime } from './virtual.ts';

/** What a call of the engine suffers, given how many went before: an error, or it never ends. */
export type Fault = (nth: number) => 'fails' | 'hangs' | undefined;

export interface CourseOptions {
  readonly fault?: Fault;
  /** Whether a door's signal arrives. */
  readonly hears?: () => boolean;
  /** Units after which an execution hands over. */
  readonly limit?: number;
}

export interface Course {
  readonly bank: Bank;
  readonly time: VirtualTime;
  /** A door's signal. */
  signal(run: string): void;
  sweep(): Promise<Swept>;
  /** Whoever conducts is gone, in the middle of whatever it does. */
  crash(): void;
  /** A second conductor for the run, beside the first. */
  second(run: string): void;
  /** How often the pack of the run was made. */
  sealed(run: string): number;
  /** Calls of the engine so far. */
  calls(): number;
  /** People play their parts and time passes until the predicate holds. */
  play(run: string, until: (head: Head | undefined) => boolean): Promise<Head | undefined>;
  /** The same, until the run has ended and its pack was made. */
  toTheEnd(run: string, options?: { readonly sweeps?: boolean }): Promise<Head>;
}

export interface AwsCourse extends Course {
  readonly aws: StepFunctions;
}

interface Hall {
  readonly bank: Bank;
  readonly time: VirtualTime;
  readonly seals: Map<string, number>;
  /** The engine with what befalls it. */
  call<T>(work: (engine: Engine) => Promise<T>): Promise<T>;
  calls(): number;
  seal(run: string): Promise<void>;
}

/** Somebody asks for a short run, or for `text`; its id. The engine is not called yet. */
export async function ask({ bank }: Course, text?: string): Promise<string> {
  if (text === undefined) bank.world.fault('copies-left-split', true, { service: 'loans' });
  await bank.type('kim', text ?? 'run copies-resync loans');
  return bank.lastSignal();
}

const SWEEP_MS = 60_000;
const STEPS_MAX = 5_000;

async function openHall(fault: Fault = () => undefined): Promise<Hall> {
  const bank = await openBank({ sparing: true });
  const time = virtualTime(bank.clock);
  const seals = new Map<string, number>();
  let called = 0;
  return {
    ...{ bank, time, seals },
    calls: () => called,
    call: async (work) => {
      const suffers = fault(called++);
      if (suffers === 'fails') throw new Error('out of memory');
      if (suffers === 'hangs') return new Promise(() => undefined);
      return time.during(work(bank.worker.engine));
    },
    seal: async (run) => {
      const { state } = await bank.head(run);
      if (state !== 'ended') throw new Error(`run ${run} has not ended`);
      seals.set(run, (seals.get(run) ?? 0) + 1);
      await bank.store.clearDue(run);
    },
  };
}

type Hands = Pick<Course, 'signal' | 'sweep' | 'crash' | 'second'>;

function courseOf(hall: Hall, hands: Hands, hears: () => boolean = () => true): Course {
  const { bank, time, seals } = hall;
  /** The head at which somebody acted last: nobody presses the same button all day. */
  let acted = -1;
  const headNow = async (run: string) =>
    (await bank.store.head(run)) === undefined ? undefined : bank.head(run);
  const sealed = (run: string) => seals.get(run) ?? 0;

  async function play(run: string, until: (head: Head | undefined) => boolean) {
    for (let i = 0; i < STEPS_MAX; i++) {
      await time.rest();
      const head = await headNow(run);
      if (until(head)) return head;
      if (head !== undefined && head.seq !== acted && (await time.during(bank.playCue(head)))) {
        acted = head.seq;
        if (hears()) hands.signal(run);
      } else if (!(await time.next())) throw new Error(`nobody does anything for ${run} any more`);
    }
    throw new Error(`run ${run} did not come to rest`);
  }

  return {
    ...{ bank, time, sealed, play },
    ...hands,
    calls: hall.calls,
    toTheEnd: async (run, { sweeps = false } = {}) => {
      const end = new AbortController();
      const beat = sweeps ? sweeping(time, hands, end.signal) : Promise.resolve();
      const head = await play(run, () => sealed(run) > 0);
      end.abort();
      await beat;
      if (head === undefined) throw new Error(`run ${run} was never opened`);
      return head;
    },
  };
}

async function sweeping(time: VirtualTime, hands: Hands, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    await time.sleep(SWEEP_MS, end);
    await time.during(hands.sweep());
  }
}

/** The definition that is deployed, executed; the functions are those that Lambda runs. */
export async function openAws({ fault, limit, hears }: CourseOptions = {}): Promise<AwsCourse> {
  const hall = await openHall(fault);
  const { bank, time } = hall;
  const { clock } = bank;

  function advanceFunction(payload: unknown): Promise<Beat> {
    const order = tickOrderSchema.parse(payload);
    return hall.call((engine) => tick({ engine, executions: aws, show: showIn(bank) }, order));
  }
  async function reportFunction(payload: unknown): Promise<object> {
    await time.during(hall.seal(tickOrderSchema.pick({ run: true }).parse(payload).run));
    return {};
  }
  const functions: Readonly<Record<string, (payload: unknown) => Promise<unknown>>> = {
    Advance: advanceFunction,
    Report: reportFunction,
  };
  const aws = stepFunctions(conductorMachine(limit), {
    time,
    invoke: async (name, payload) => {
      const called = functions[name];
      if (called === undefined) throw new Error(`there is no function ${name}`);
      return called(payload);
    },
  });
  // An asynchronous invocation: who signals hears nothing of what becomes of it.
  const signal = (run: string) => void advanceFunction({ run }).catch(() => undefined);
  const { store, worker } = bank;
  const deps = { store, clock, random: worker.engine.random, executions: aws };
  const revive = (run: string) => reviveRun({ ...deps, call: async () => signal(run) }, run);
  const hands: Hands = {
    signal,
    sweep: () => sweep({ store, clock, revive, onError: fail }),
    crash: () => {
      for (const name of aws.executions.keys()) aws.abort(name);
    },
    second: (run) => aws.begin(`${run}-by-hand`, { run, n: 1 }),
  };
  return { ...courseOf(hall, hands, hears), aws };
}

/** The loop of one machine over the same engine. */
export async function openHouse({ fault, hears }: CourseOptions = {}): Promise<Course> {
  const hall = await openHall(fault);
  const { bank, time } = hall;
  const newLoop = () =>
    createConductor({
      clock: time,
      tick: async (run): Promise<Pace> => {
        const order = { run };
        const parts = { executions: undefined, show: showIn(bank) };
        const pace = await hall.call((engine) => tick({ ...parts, engine }, order));
        if (pace.next === 'end') await time.during(hall.seal(run));
        return pace.next === 'replaced' ? { next: 'end' } : pace;
      },
      onError: () => undefined,
    });
  let loop = newLoop();
  const { store, clock } = bank;
  const hands: Hands = {
    signal: (run) => loop.wake(run),
    sweep: () => sweep({ store, clock, revive: async (run) => loop.wake(run), onError: fail }),
    crash: () => {
      loop.stop();
      loop = newLoop();
    },
    second: (run) => newLoop().wake(run),
  };
  return courseOf(hall, hands, hears);
}

function fail(run: string, error: unknown): never {
  throw new Error(`${run} was not brought back`, { cause: error });
}

/** People need something to press: the view is brought up to date as the notifier does it. */
const showIn = (bank: Bank) => (shown: Parameters<Bank['show']>[0]) => bank.show(shown);
