/**
 * One program as a process: no shell, no environment but what is given, a process group of its own,
 * and an end. What it says is kept up to a limit.
 */
import { spawn } from 'node:child_process';
import { resolve as fromHere } from 'node:path';
import type { Readable } from 'node:stream';
import type { Clock } from '../../../clock.ts';

export interface Started {
  readonly command: readonly string[];
  /** Working directory; a program's path is taken from here. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
  /** Bytes of each stream that are kept. */
  readonly keep: number;
  /** The machine's own time: a program does not run faster in a faster drill. */
  readonly clock: Clock;
}

/** `exit` is null when a signal ended it. */
export type Ended =
  | { readonly started: false; readonly why: string }
  | {
      readonly started: true;
      readonly exit: number | null;
      readonly signal: string | null;
      /** It had not ended when its time was over. */
      readonly killed: boolean;
      readonly stdout: Buffer;
      readonly stderr: Buffer;
    };

/** How long its streams may stay open after it ended: somebody it started may hold them. */
const LINGER_MS = 1_000;

/** Never rejects. */
export async function runProcess(how: Started): Promise<Ended> {
  const [program = '', ...given] = how.command;
  const child = launch(fromHere(how.home, program), given, how);
  if (typeof child === 'string') return { started: false, why: child };
  const stdout = collect(child.stdout, how.keep);
  const stderr = collect(child.stderr, how.keep);
  const [exited, closed] = [new AbortController(), new AbortController()];
  let failed: Error | undefined;
  let result: readonly [exit: number | null, signal: string | null] = [null, null];
  child.once('error', (error) => {
    failed = error;
    if (child.pid !== undefined) return;
    exited.abort();
    closed.abort();
  });
  child.once('exit', (exit, signal) => {
    result = [exit, signal];
    exited.abort();
  });
  child.once('close', () => closed.abort());
  await how.clock.sleep(how.limitMs, exited.signal);
  const killed = !exited.signal.aborted;
  if (killed) killGroup(child.pid);
  await how.clock.sleep(LINGER_MS, closed.signal);
  child.stdout.destroy();
  child.stderr.destroy();
  if (child.pid === undefined) return { started: false, why: failed?.message ?? 'no process' };
  const [exit, signal] = result;
  return { started: true, exit, signal, killed, stdout: stdout(), stderr: stderr() };
}

function launch(program: string, given: readonly string[], { home, env }: Started) {
  try {
    return spawn(program, given, {
      ...{ cwd: home, env: { ...env }, shell: false, detached: true },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Its group has its number: what it started itself ends with it. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself in this very moment.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Reads on to the end, so that the program never waits; keeps the beginning. */
function collect(stream: Readable, keep: number): () => Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    if (size < keep) chunks.push(chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).subarray(0, keep);
}
