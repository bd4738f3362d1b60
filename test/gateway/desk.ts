/** Somebody at the terminal of a gateway: types commands, reads what is said, presses Ctrl-C. */
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../lib/clock.ts';
import type { Terminal } from '../../lib/gateway/cli/command.ts';
import { runGateway } from '../../lib/gateway/cli/index.ts';
import type { GatewayFolder } from '../../lib/gateway/server/settings.ts';
import { systemRandom } from '../../lib/random.ts';
import { gatewayFolder, keys } from './support.ts';

export interface Desk {
  readonly terminal: Terminal;
  run(...args: string[]): Promise<number>;
  /** Everything said up to now. */
  text(): string;
  /** Resolves when something like this was said. */
  said(pattern: RegExp): Promise<void>;
  hangUp(): void;
  stop(): void;
}

export function deskOf(clock: Clock = systemClock()): Desk {
  const lines: string[] = [];
  const stop = new AbortController();
  const listeners: (() => void)[] = [];
  const waiting = new Set<() => void>();
  const say = (text: string) => {
    lines.push(text);
    for (const look of waiting) look();
  };
  const terminal: Terminal = {
    ...{ out: say, err: say, clock, random: systemRandom, stop: stop.signal },
    onHangUp: (listener) => void listeners.push(listener),
  };
  const text = () => lines.join('\n');
  return {
    terminal,
    text,
    run: (...args) => runGateway(args, terminal),
    said: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          if (!pattern.test(text())) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    hangUp: () => {
      for (const listener of listeners) listener();
    },
    stop: () => stop.abort(),
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A gateway's folder as its owners would fill it; JSON is YAML too. */
export async function writeGatewayFolder(
  folder: string,
  change: Partial<GatewayFolder['settings']> = {},
): Promise<void> {
  const { settings, cloud, trust } = gatewayFolder();
  const put = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 });
  await mkdir(folder, { recursive: true });
  await put('gateway.yml', JSON.stringify({ ...settings, ...change }));
  await put('clouds.yaml', JSON.stringify({ clouds: { dr: cloud } }));
  await put('trust.yml', JSON.stringify(trust));
  await put('key.pem', keys.own.privateKey);
}
