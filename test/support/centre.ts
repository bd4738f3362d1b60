/** The twin and the gateways' folders of a house, each started as a process of its own by the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Clock, scaledClock, systemClock } from '../../lib/clock.ts';
import type { Config } from '../../lib/config.ts';
import { networkHttp } from '../../lib/http.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { type LocalFolder, openFolder } from '../../lib/local/folder.ts';
import { loginsOf } from '../../lib/local/logins.ts';
import { portsFrom, twinPorts } from '../../lib/local/ports.ts';
import { copyConfig, provision } from '../../lib/local/provision.ts';
import { firstScenario } from '../../lib/local/scenario.ts';

export interface Process {
  readonly child: ChildProcess;
  /** Everything said up to now. */
  said(): string;
  /** Resolves when something like this was said; rejects when the process ended without. */
  until(pattern: RegExp): Promise<void>;
  readonly ended: Promise<number | null>;
}

export interface Centre {
  readonly folder: LocalFolder;
  readonly config: Config;
  /** The time of all its processes, many times as fast as the wall's. */
  readonly clock: Clock;
  /** `gateway.ts <words>`; `lines` go through its standard input. */
  gateway(words: readonly string[], lines?: readonly string[]): Process;
  /** A fault at the twin. */
  fault(name: string, site: string): Promise<void>;
  /** Key file of the person with this handle. */
  keyOf(handle: string): string;
  idOf(handle: string): string;
  /** What the twin accepted, sessions left out. */
  effects(): { site: string; method: string; path: string; bodyHash: string }[];
  close(): Promise<void>;
}

const FACTOR = 20;

export async function openCentre(base: number): Promise<Centre> {
  const root = mkdtempSync(join(tmpdir(), 'drillbook-centre-'));
  const folder = openFolder(join(root, 'state'), { fresh: false });
  const ports = portsFrom(base);
  copyConfig('config', folder, ports);
  const config = await loadConfig(folder.config);
  const { arrays, clouds } = twinPorts(config, ports);
  const at = (port: number | undefined) => `http://127.0.0.1:${port}`;
  const addresses = {
    array: (site: string) => at(arrays[site]),
    cloud: (cloud: string) => at(clouds[cloud]),
    probe: at(ports.probe),
    homeProbe: at(ports.homeProbe),
  };
  const seed = firstScenario(folder, config, 'centre');
  provision(folder, config, loginsOf(config, seed, addresses));
  // What a gateway's owner keeps there for the day on which nothing else is left.
  for (const { id } of config.sites) {
    const home = folder.gateway(id);
    for (const name of ['sites', 'services', 'policy']) {
      cpSync(join(folder.config, `${name}.yml`), join(home, 'config', `${name}.yml`));
    }
    cpSync('runbooks', join(home, 'runbooks'), { recursive: true });
  }
  const now = systemClock().now();
  const clock = { realStartMs: now, virtualStartMs: now, factor: FACTOR };
  const children: Process[] = [];
  const start = (script: readonly string[], lines: readonly string[] = []) => {
    const one = follow(script, { DRILLBOOK_CLOCK: JSON.stringify(clock) }, lines);
    children.push(one);
    return one;
  };
  const twin = start(['handlers/local.ts', 'twin', folder.root, String(base)]);
  await twin.until(/twin listens/);
  const handle = (name: string) => config.people.find((person) => person.handle === name);
  return {
    ...{ folder, config, clock: scaledClock(clock) },
    gateway: (words, lines) => start(['handlers/gateway.ts', ...words], lines),
    fault: async (name, site) => {
      const url = `${at(ports.twinControl)}/twin/v1/faults`;
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ name, site, on: true });
      const { status, body: said } = await networkHttp()({ method: 'POST', url, headers, body });
      if (status >= 300) throw new Error(said);
    },
    keyOf: (name) => join(folder.keys, 'people', `${name}.pem`),
    idOf: (name) => handle(name)?.id ?? '',
    effects: () =>
      readFileSync(join(folder.root, 'twin', 'effects.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !/sessions|tokens/.test(line))
        .map((line) => JSON.parse(line)),
    close: async () => {
      for (const { child } of children) child.kill('SIGKILL');
      await Promise.all(children.map(({ ended }) => ended));
      folder.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function follow(
  script: readonly string[],
  env: Readonly<Record<string, string>>,
  lines: readonly string[],
): Process {
  const child = spawn(process.execPath, ['--import', 'tsx', ...script], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
  });
  let text = '';
  const looks = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      text += `${line}\n`;
      for (const look of looks) look();
    });
  }
  for (const line of lines) child.stdin.write(`${line}\n`);
  const ended = once(child, 'close').then(() => child.exitCode);
  return {
    ...{ child, ended, said: () => text },
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(text)) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended before ${pattern}:\n${text}`)));
      }),
  };
}
