/** `npm run drill` as a process of its own, watched by its JSON lines and killed when told. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Line {
  readonly kind: 'event' | 'result';
  readonly seq?: number;
  readonly type?: string;
  readonly data?: Record<string, unknown>;
  readonly result?: string;
  readonly pack?: string;
  readonly verified?: boolean;
}

export interface Machine {
  readonly state: string;
  /** Starts the drill or continues it; `onLine` may kill what it likes. */
  run(
    onLine: (line: Line, drill: ChildProcess) => void,
  ): Promise<{ code: number | null; lines: Line[]; errors: string }>;
  /** One person acts through `npm run dr`. */
  dr(...words: readonly string[]): Promise<number>;
  /** kill -9 of a process of the house, by its name. */
  kill(name: string): void;
  /** What the twin accepted, from its own log on disk. */
  effects(): { site: string; target: string; method: string; path: string; bodyHash: string }[];
  clear(): void;
}

export function openMachine(options: {
  readonly ports: number;
  readonly service: string;
}): Machine {
  const state = join(mkdtempSync(join(tmpdir(), 'drillbook-kill-')), 'state');
  const cli = ['--import', 'tsx', 'handlers/cli.ts'];
  const args = ['--state', state, '--ports', String(options.ports), '--service', options.service];
  return {
    state,
    run: (onLine) => follow([...cli, 'drill', '--json', '--wait', ...args], onLine),
    dr: async (...words) =>
      (await follow([...cli, 'dr', '--state', state, ...words], () => {})).code ?? 1,
    kill: (name) =>
      process.kill(Number(readFileSync(join(state, `${name}.pid`), 'utf8')), 'SIGKILL'),
    effects: () =>
      readFileSync(join(state, 'twin', 'effects.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
    clear: () => rmSync(join(state, '..'), { recursive: true, force: true }),
  };
}

async function follow(args: readonly string[], onLine: (line: Line, child: ChildProcess) => void) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: Line[] = [];
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8');
  });
  const done = new Promise<number | null>((resolve) =>
    child.once('close', (code) => resolve(code)),
  );
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (!text.startsWith('{')) return;
    const line = JSON.parse(text) as Line;
    lines.push(line);
    onLine(line, child);
  });
  return { code: await done, lines, errors };
}
