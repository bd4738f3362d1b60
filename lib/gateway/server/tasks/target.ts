/**
 * A site task as a target: `POST /run` starts its program once, `GET /observe?…` looks whether its
 * effect is there. What it answers are exit code and output.
 *
 *   started, exit code 0       200
 *   started, anything else     500: what it did is not known
 *   killed, its time was over  504: the same
 *   not started at all         503: nothing was done
 */
import * as z from 'zod';
import { canonical } from '../../../canonical.ts';
import type { Clock } from '../../../clock.ts';
import type { HttpResponse } from '../../../http.ts';
import { argumentFaults, observedArguments, type TaskArguments } from '../../../runbook/tasks.ts';
import { GatewayError } from '../../errors.ts';
import { openLane } from '../targets/lane.ts';
import type { Change, Target } from '../targets/target.ts';
import { type Ended, runProcess } from './process.ts';
import { assertUnchanged, type KnownTask } from './programs.ts';
import { KEPT_MAX, told } from './redact.ts';

export interface TaskDeps {
  readonly clock: Clock;
  /** The machine's own time. */
  readonly machine: Clock;
  /** What must not be in an answer. */
  readonly secrets: readonly string[];
}

/** A look that takes longer is none. */
const OBSERVE_LIMIT_MS = 30_000;
const LOOKS_AT_ONCE = 4;

export function taskTarget(task: KnownTask, deps: TaskDeps): Target {
  const name = `task:${task.published.name}`;
  const { clock } = deps;
  // Two runs of it never go side by side; and whoever may look cannot start programs without end.
  const lane = openLane(name, { limit: 1, clock });
  const looks = openLane(name, { limit: LOOKS_AT_ONCE, clock });
  return {
    get: async (path) => {
      const leave = await looks.enter(clock.now() + OBSERVE_LIMIT_MS);
      return observe(task, path, deps).finally(leave);
    },
    enter: async (putBy) => {
      const leave = await lane.enter(putBy);
      return {
        prove: () => assertUnchanged(task),
        send: (change) => run(task, change, deps),
        leave,
      };
    },
    close: async () => {},
  };
}

const bodySchema = z.strictObject({
  args: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

async function run(task: KnownTask, change: Change, deps: TaskDeps): Promise<HttpResponse> {
  const { args } = bodySchema.parse(change.body);
  const { key = '', run: ofRun = '', step = '' } = change.intent ?? {};
  const at = deps.clock.now();
  const ended = await start(
    task,
    { command: task.run, args, limitMs: task.published.withinMs },
    {
      ...deps,
      env: { DRILLBOOK_KEY: key, DRILLBOOK_RUN: ofRun, DRILLBOOK_STEP: step },
    },
  );
  return answer(statusOf(ended), {
    ...wordsOf(ended, deps),
    startedAt: at,
    endedAt: deps.clock.now(),
  });
}

function statusOf(ended: Ended): number {
  if (!ended.started) return 503;
  if (ended.killed) return 504;
  return ended.exit === 0 ? 200 : 500;
}

/** Rejects with GW-TASK for a task that cannot be looked at, or not with these arguments. */
async function observe(task: KnownTask, path: string, deps: TaskDeps): Promise<HttpResponse> {
  const { observe: command, published } = task;
  const args = observedArguments(published, path);
  const [fault] = argumentFaults(published, args);
  const why = command === undefined ? 'It has no `observe`.' : fault?.what;
  if (command === undefined || why !== undefined) {
    throw new GatewayError('GW-TASK', `Task ${published.name} is not looked at.`, {
      why: `${why}`,
    });
  }
  await assertUnchanged(task);
  const look = { command, args, limitMs: OBSERVE_LIMIT_MS };
  const ended = await start(task, look, { ...deps, env: {} });
  return answer(200, { effect: effectOf(ended), ...wordsOf(ended, deps) });
}

function effectOf(ended: Ended): 'there' | 'absent' | 'unknown' {
  if (!ended.started || ended.killed) return 'unknown';
  return ended.exit === 0 ? 'there' : ended.exit === 1 ? 'absent' : 'unknown';
}

/** The same on each machine, whatever the gateway itself was started with. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function start(
  { home }: KnownTask,
  { command, args, limitMs }: { command: readonly string[]; args: TaskArguments; limitMs: number },
  { env, machine }: TaskDeps & { readonly env: Readonly<Record<string, string>> },
): Promise<Ended> {
  const given = Object.entries(args).map(([name, value]) => `--${name}=${value}`);
  return runProcess({
    ...{ home, limitMs, keep: KEPT_MAX, clock: machine },
    command: [...command, ...given],
    env: { PATH, ...env },
  });
}

function wordsOf(ended: Ended, { secrets }: TaskDeps) {
  if (!ended.started) return { exit: null, why: ended.why };
  const [stdout, stderr] = [told(ended.stdout, secrets), told(ended.stderr, secrets)];
  return {
    exit: ended.exit,
    ...(ended.signal === null ? {} : { signal: ended.signal }),
    ...(ended.killed ? { killed: true } : {}),
    stdout: stdout.text,
    stderr: stderr.text,
    ...(stdout.cut || stderr.cut ? { cut: true } : {}),
  };
}

const answer = (status: number, body: object): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: canonical(body),
});
