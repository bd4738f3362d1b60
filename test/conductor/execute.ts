/**
 * A small Step Functions: executes the conductor's definition in virtual time, with the limits that
 * the real one has. Standard executions only, JSONata only, Lambda only.
 */
import jsonata from 'jsonata';
import type { Executions } from '../../lib/run/generation.ts';
import type { Machine, Retrier, State, Task } from './asl.ts';
import type { VirtualTime } from './virtual.ts';

/** Quotas of the service. */
const MAX_PAYLOAD = 256 * 1024;
const MAX_EVENTS = 25_000;
const MAX_WAIT_S = 99_999_999;
/** What no `States.ALL` catches. */
const TERMINAL = ['States.Runtime', 'States.DataLimitExceeded', 'States.ExecutionLimit'];

/** Called with the name of a function, `Advance` or `Report`, and what it is handed. */
type Invoke = (name: string, payload: unknown) => Promise<unknown>;

export interface Execution {
  readonly name: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  /** Events in its history. */
  events: number;
  /** Why it failed. */
  error?: string;
  /** States it went through, in order. */
  readonly path: string[];
}

export interface StepFunctions extends Executions {
  readonly executions: ReadonlyMap<string, Execution>;
  /** Begins an execution under any name: somebody pressed "New execution" in the console. */
  begin(name: string, input: object): void;
  /** As an operator's Stop, or the end of a region: nothing of it happens any more. */
  abort(name: string): void;
}

class StateError extends Error {
  override readonly name: string;
  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }
}

interface Scope {
  readonly input: unknown;
  readonly result?: unknown;
  readonly errorOutput?: unknown;
  readonly token?: string | undefined;
}

interface Running {
  readonly execution: Execution;
  readonly stop: AbortController;
  variables: Readonly<Record<string, unknown>>;
  readonly maxEvents: number;
}

export function stepFunctions(
  machine: Machine,
  world: { readonly time: VirtualTime; readonly invoke: Invoke; readonly maxEvents?: number },
): StepFunctions {
  const { time, invoke, maxEvents = MAX_EVENTS } = world;
  const executions = new Map<string, Execution>();
  const stops = new Map<string, AbortController>();
  const tokens = new Map<string, () => void>();
  let made = 0;

  function begin(name: string, input: object): void {
    if (executions.has(name)) return;
    const execution: Execution = { name, status: 'RUNNING', events: 1, path: [] };
    const stop = new AbortController();
    executions.set(name, execution);
    stops.set(name, stop);
    void run({ execution, stop, variables: {}, maxEvents }, limited(input));
  }

  async function run(running: Running, input: unknown): Promise<void> {
    const { execution, stop } = running;
    let at: { name: string | undefined; input: unknown } = { name: machine.StartAt, input };
    try {
      while (at.name !== undefined && !stop.signal.aborted) {
        const state = machine.States[at.name];
        if (state === undefined) throw new StateError('States.Runtime', `no state ${at.name}`);
        execution.path.push(at.name);
        at = await step(running, state, at.input);
      }
      if (execution.status === 'RUNNING') execution.status = 'SUCCEEDED';
    } catch (error) {
      if (execution.status !== 'RUNNING') return;
      execution.status = 'FAILED';
      execution.error = String(error);
    }
  }

  async function step(running: Running, state: State, input: unknown) {
    count(running, 2);
    switch (state.Type) {
      case 'Pass':
        running.variables = await assigned(running, state.Assign, { input });
        return { name: state.Next, input };
      case 'Choice': {
        for (const { Condition, Next } of state.Choices) {
          const holds = await evaluate(running, Condition, { input });
          if (typeof holds !== 'boolean') throw new StateError('States.Runtime', Condition);
          if (holds) return { name: Next, input };
        }
        return { name: state.Default, input };
      }
      case 'Wait':
        await time.sleep(
          (await whole(running, state.Seconds, { input })) * 1000,
          running.stop.signal,
        );
        return { name: state.Next, input };
      case 'Succeed':
        return { name: undefined, input };
      case 'Task':
        return task(running, state, input);
    }
  }

  async function task(running: Running, state: Task, input: unknown) {
    const used = new Map<Retrier, number>();
    for (;;) {
      try {
        const result = await attempt(running, state, input);
        const scope = { input, result };
        const output =
          state.Output === undefined ? result : await filled(running, state.Output, scope);
        running.variables = await assigned(running, state.Assign, scope);
        return { name: state.End ? undefined : state.Next, input: limited(output) };
      } catch (error) {
        if (running.stop.signal.aborted) return { name: undefined, input };
        const name = error instanceof Error ? error.name : 'Error';
        if (TERMINAL.includes(name)) throw error;
        const fits = ({ ErrorEquals }: { ErrorEquals: string[] }) =>
          ErrorEquals.includes('States.ALL') || ErrorEquals.includes(name);
        const retrier = state.Retry.find(fits);
        const tried = retrier === undefined ? 0 : (used.get(retrier) ?? 0);
        if (retrier !== undefined && tried < retrier.MaxAttempts) {
          used.set(retrier, tried + 1);
          await time.sleep(delayOf(retrier, tried), running.stop.signal);
          continue;
        }
        const catcher = state.Catch.find(fits);
        if (catcher === undefined) throw error;
        const scope = { input, errorOutput: { Error: name, Cause: String(error) } };
        const output = await filled(running, catcher.Output ?? scope.errorOutput, scope);
        running.variables = await assigned(running, catcher.Assign, scope);
        return { name: catcher.Next, input: limited(output) };
      }
    }
  }

  /** One attempt: scheduled, started, perhaps submitted, and how it came out. */
  async function attempt(running: Running, state: Task, input: unknown): Promise<unknown> {
    const waits = state.Resource.endsWith('.waitForTaskToken');
    count(running, waits ? 4 : 3);
    const token = waits ? `token-${++made}-of-${running.execution.name}` : undefined;
    const scope = { input, token };
    const { FunctionName, Payload } = state.Arguments;
    const payload = limited(await filled(running, Payload, scope));
    const timeout = (await whole(running, state.TimeoutSeconds, scope)) * 1000;
    const over = new AbortController();
    const limit = AbortSignal.any([over.signal, running.stop.signal]);
    const late = time.sleep(timeout, limit).then((): never => {
      const aborted = running.stop.signal.aborted;
      throw new StateError(aborted ? 'States.Aborted' : 'States.Timeout', `${timeout} ms`);
    });
    const woken = new Promise<unknown>((resolve) => {
      if (token !== undefined) tokens.set(token, () => resolve({}));
    });
    const called = invoke(FunctionName.replace(/^\$\{(\w+)\}$/, '$1'), payload).then(
      (answer) => (waits ? woken : { StatusCode: 200, Payload: limited(answer) }),
      (error: unknown): never => {
        throw new StateError('Lambda.Unknown', String(error));
      },
    );
    try {
      return await Promise.race([called, late]);
    } finally {
      if (token !== undefined) tokens.delete(token);
      // Nobody hears of what comes later.
      called.catch(() => undefined);
      late.catch(() => undefined);
      over.abort();
    }
  }

  return {
    executions,
    begin,
    abort: (name) => {
      const execution = executions.get(name);
      if (execution?.status !== 'RUNNING') return;
      execution.status = 'ABORTED';
      stops.get(name)?.abort();
    },
    start: async (run, n) => begin(`${run}-${n}`, { run, n }),
    standing: async (run, n) => {
      const execution = executions.get(`${run}-${n}`);
      if (execution === undefined) return 'absent';
      return execution.status === 'RUNNING' ? 'running' : 'over';
    },
    signal: async (token) => {
      const wake = tokens.get(token);
      tokens.delete(token);
      wake?.();
      return wake !== undefined;
    },
  };
}

function count(running: Running, events: number): void {
  running.execution.events += events;
  const { maxEvents } = running;
  if (running.execution.events <= maxEvents) return;
  throw new StateError('States.ExecutionLimit', `more than ${maxEvents} events`);
}

/** Seconds before the next attempt, the longest that full jitter can make them. */
function delayOf(
  { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds }: Retrier,
  tried: number,
) {
  const seconds = IntervalSeconds * BackoffRate ** tried;
  return Math.min(seconds, MaxDelaySeconds ?? seconds) * 1000;
}

function limited(value: unknown): unknown {
  const text = JSON.stringify(value ?? null);
  if (Buffer.byteLength(text) > MAX_PAYLOAD) {
    throw new StateError('States.DataLimitExceeded', `${text.length} bytes`);
  }
  return JSON.parse(text);
}

async function assigned(running: Running, assign: Task['Assign'], scope: Scope) {
  const values = assign === undefined ? {} : await filled(running, assign, scope);
  return { ...running.variables, ...(values as Record<string, unknown>) };
}

/** A template with each `{% %}` text in it replaced by what it comes to. */
async function filled(running: Running, template: unknown, scope: Scope): Promise<unknown> {
  if (typeof template === 'string' && template.startsWith('{%')) {
    return evaluate(running, template, scope);
  }
  if (Array.isArray(template))
    return Promise.all(template.map((one) => filled(running, one, scope)));
  if (typeof template !== 'object' || template === null) return template;
  const entries = Object.entries(template).map(
    async ([name, one]) => [name, await filled(running, one, scope)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function whole(running: Running, text: number | string, scope: Scope): Promise<number> {
  const value = typeof text === 'number' ? text : await evaluate(running, text, scope);
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_WAIT_S) {
    return Number(value);
  }
  throw new StateError('States.Runtime', `${text} is ${String(value)}, not whole seconds`);
}

/** What comes to nothing is an error there too. */
async function evaluate(running: Running, text: string, scope: Scope): Promise<unknown> {
  const { input, result, errorOutput, token } = scope;
  const context = {
    Execution: { Name: running.execution.name },
    ...(token === undefined ? {} : { Task: { Token: token } }),
  };
  const states = {
    ...{ input, context },
    ...(result === undefined ? {} : { result }),
    ...(errorOutput === undefined ? {} : { errorOutput }),
  };
  const expression = jsonata(text.replace(/^\{%|%\}$/g, ''));
  const value: unknown = await expression.evaluate({}, { ...running.variables, states });
  if (value === undefined) throw new StateError('States.QueryEvaluationError', text);
  return value;
}
