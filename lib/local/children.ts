/** The other processes of one machine: started, watched, started again when they die. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { LocalError, type LocalFolder } from './folder.ts';

export interface ChildSpec {
  /** `twin`, `gateway-main`, …: names its log as well. */
  readonly name: string;
  /** A source file (run through tsx) or a program of node_modules, with its arguments. */
  readonly script: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Port on loopback that answers once it is up. */
  readonly port: number;
}

export interface Children {
  start(spec: ChildSpec): Promise<void>;
  /** As `kill -9` would; it is started again. False when there is none of this name. */
  kill(name: string): boolean;
  stop(): Promise<void>;
}

/** The AWS SDK announces on every start which Node it will want next year. */
const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

const READY_LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 60;
/** What a child may take to end by itself. */
const GRACE_MS = 2_000;
const RESTART_AFTER_MS = 300;
/** A child that dies more often than this is not helped by another start. */
const RESTARTS_MAX = 50;

/** `real` is the wall clock: processes do not start faster in a faster drill. */
export function createChildren(deps: {
  readonly folder: LocalFolder;
  readonly real: Clock;
  readonly onRestart: (name: string) => void;
}): Children {
  const running = new Map<string, ChildProcess>();
  let stopping = false;

  function launch(spec: ChildSpec, restarts: number): void {
    const log = createWriteStream(join(deps.folder.logs, `${spec.name}.log`), { flags: 'a' });
    const child = spawn(process.execPath, [...loaderFor(spec.script[0]), ...spec.script], {
      env: { ...process.env, ...QUIET, ...spec.env },
      // The channel tells the child when its parent is gone: nobody is left behind on a port.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child.stdout?.pipe(log);
    child.stderr?.pipe(log);
    running.set(spec.name, child);
    deps.folder.write(`${spec.name}.pid`, `${child.pid}\n`);
    child.once('exit', () => {
      if (stopping || restarts >= RESTARTS_MAX) return;
      deps.onRestart(spec.name);
      void deps.real.sleep(RESTART_AFTER_MS).then(() => {
        if (!stopping) launch(spec, restarts + 1);
      });
    });
  }

  async function waitReady(spec: ChildSpec): Promise<void> {
    const until = deps.real.now() + READY_LIMIT_MS;
    while (!(await answers(spec.port))) {
      if (deps.real.now() > until) {
        const log = join(deps.folder.logs, `${spec.name}.log`);
        throw new LocalError('LOCAL-CHILD', `${spec.name} did not start.`, {
          why: `Its log is ${log}.`,
        });
      }
      await deps.real.sleep(LOOK_EVERY_MS);
    }
  }

  return {
    start: async (spec) => {
      launch(spec, 0);
      await waitReady(spec);
    },
    kill: (name) => running.get(name)?.kill('SIGKILL') ?? false,
    stop: async () => {
      stopping = true;
      await Promise.all([...running.values()].map((child) => end(child, deps.real)));
    },
  };
}

/** A program of others does not know its parent; this ends it when the parent is gone. */
const ENDS_WITH_PARENT =
  'data:text/javascript,process.once("disconnect",()=>process.exit(0));process.channel?.unref()';

/** Sources run through tsx; serverless-offline brings its own and wants to be alone with it. */
const loaderFor = (file: string | undefined): string[] => [
  '--import',
  file?.endsWith('.ts') ? 'tsx' : ENDS_WITH_PARENT,
];

/** Whether somebody listens; what it speaks is its own business. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 });
    const end = (heard: boolean) => {
      socket.destroy();
      resolve(heard);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

async function end(child: ChildProcess, real: Clock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new AbortController();
  child.once('exit', () => gone.abort());
  child.kill('SIGTERM');
  await real.sleep(GRACE_MS, gone.signal);
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
}
