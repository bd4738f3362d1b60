/**
 * The programs behind site tasks. Each is looked at when the gateway starts, and again the instant
 * before it runs: what was approved is what runs, not what somebody laid in its place since.
 */
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { hashOf, sha256 } from '../../../canonical.ts';
import { durationMs } from '../../../runbook/schema.ts';
import type { SiteTask } from '../../../runbook/tasks.ts';
import { GatewayError } from '../../errors.ts';
import type { TaskSettings } from './settings.ts';

export interface KnownTask {
  /** What plans are made with. */
  readonly published: SiteTask;
  /** Where its programs start. */
  readonly home: string;
  readonly run: readonly string[];
  readonly observe?: readonly string[];
}

export interface LoadedTasks {
  readonly tasks: readonly KnownTask[];
  /** Why others of gateway.yml are not there: everything else goes on without them. */
  readonly amiss: readonly GatewayError[];
}

/** Leaves out whose program is missing, cannot be run, or could be changed by others. */
export async function loadTasks(
  home: string,
  settings: readonly TaskSettings[],
): Promise<LoadedTasks> {
  const looked = await Promise.allSettled(settings.map((task) => loadTask(home, task)));
  const amiss: GatewayError[] = [];
  const tasks = looked.flatMap((one) => {
    if (one.status === 'fulfilled') return [one.value];
    if (!(one.reason instanceof GatewayError)) throw one.reason;
    amiss.push(one.reason);
    return [];
  });
  return { tasks, amiss };
}

async function loadTask(home: string, task: TaskSettings): Promise<KnownTask> {
  const { name, run, observe, args, within, undo } = task;
  const commands = { home, run, ...(observe === undefined ? {} : { observe }) };
  const published: SiteTask = {
    ...{ name, args, class: task.class, withinMs: durationMs(within) ?? 1 },
    observe: observe !== undefined,
    ...(undo === undefined ? {} : { undo }),
    program: await programHash(name, commands),
  };
  return { published, ...commands };
}

/** Rejects with GW-TASK unless its programs are what they were when the gateway started. */
export async function assertUnchanged(task: KnownTask): Promise<void> {
  const { name, program } = task.published;
  if ((await programHash(name, task)) === program) return;
  throw refusal(name, 'Its program is not the one that was there when the gateway started.');
}

const refusal = (name: string, why: string): GatewayError =>
  new GatewayError('GW-TASK', `Task ${name} is not run.`, { why });

/** Of command lines and files. Rejects with GW-TASK for a file that may not be run. */
async function programHash(
  name: string,
  { home, run, observe }: Pick<KnownTask, 'home' | 'run' | 'observe'>,
): Promise<string> {
  const commands = observe === undefined ? [run] : [run, observe];
  const files = commands.map(async ([program = '']) => {
    const file = resolve(home, program);
    const fault = await faultOf(file);
    if (fault !== undefined) throw refusal(name, `${program} ${fault}.`);
    return sha256(await readFile(file));
  });
  return hashOf({ commands, files: await Promise.all(files) });
}

/** Who may write to its folder may put another file in its place. */
async function faultOf(file: string): Promise<string | undefined> {
  try {
    await access(file, constants.R_OK | constants.X_OK);
    const modes = [(await stat(file)).mode, (await stat(dirname(file))).mode];
    if (modes.every((mode) => (mode & 0o022) === 0)) return undefined;
    return 'or its folder can be changed by others; neither may be more open than 0755';
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'is not there' : `cannot be run (${code})`;
  }
}
