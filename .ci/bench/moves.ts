/** A real switch of four services in two waves: 100 volumes, 30 servers. How long, and how much is ours. */
import { stringify } from 'yaml';
import { twinId } from '../../lib/twin/map.ts';
import type { Bank } from '../../test/support/bank.ts';
import { sign } from '../../test/support/moves.ts';
import { type Own, timed } from './timed.ts';

const WAVES = [
  ['deposits', 'cards'],
  ['treasury', 'reports'],
] as const;
const VOLUMES = 25;
/** 30 servers of four services. */
const SERVERS = [8, 8, 7, 7] as const;

export interface MoveFigures {
  readonly services: number;
  readonly volumes: number;
  readonly servers: number;
  readonly calls: number;
  readonly own: Own;
  /** From the approval of each wave to its end (ms of the bank's clock). */
  readonly waveMs: readonly number[];
}

export function measureMoves(): Promise<MoveFigures> {
  const edit = {
    'config/services.yml': () => stringify({ services: services() }),
    // The load of a service that is not there.
    'config/twin.yml': (text: string) => text.replace(/\n {4}services:\n {6}payments: \d+/, ''),
  };
  return timed({ edit }, work);
}

async function work(bank: Bank): Promise<Omit<MoveFigures, 'own'>> {
  const waveMs: number[] = [];
  let calls = 0;
  for (const wave of WAVES) {
    const before = bank.signals().length;
    await bank.type('kim', `wave switchover ${wave.join(' ')}`);
    const runs = bank.signals().slice(before);
    const begun = await approved(bank, runs);
    for (const run of runs) {
      const head = await bank.drive(run, ({ state }) => state === 'paused');
      if (head.result?.result !== 'passed')
        throw new Error(JSON.stringify(head.pause ?? head.result));
      calls += head.plan?.calls ?? 0;
    }
    waveMs.push(bank.clock.now() - begun);
  }
  const servers = SERVERS.reduce((sum, count) => sum + count, 0);
  const all = WAVES.flat().length;
  return { services: all, volumes: VOLUMES * all, servers, calls, waveMs };
}

/** Two people sign once for the wave. */
async function approved(bank: Bank, runs: readonly string[]): Promise<number> {
  const [first = ''] = runs;
  for (let i = 0; i < 20; i++) {
    for (const run of runs) await bank.tick(run);
    if ((await bank.head(first)).approval?.statement !== undefined) break;
    bank.clock.advance(5_000);
  }
  for (const handle of ['lee', 'park']) await sign(bank, first, handle);
  return bank.clock.now();
}

function services() {
  return WAVES.flat().map((id, place) => {
    const count = SERVERS[place] ?? 0;
    const names = Array.from({ length: count }, (_, i) => `${id}-${i + 1}`);
    const group = `G${place + 1}`;
    return {
      ...{ id, name: { ko: id, en: id }, tier: 'gold', rtoMinutes: 180, critical: true },
      replication: { type: 'UR', group, from: 'main', to: 'dr' },
      drill: { group: `${group}-DRILL`, network: twinId('drill-network', id) },
      networks: {
        main: twinId('network', `${id}.main`),
        dr: twinId('network', `${id}.dr`),
      },
      servers: names.map((name, i) => ({
        ...{ name, order: Math.min(3, i + 1), flavor: 'c4.m16' },
        nics: [
          { mac: `fa:16:3e:0${place}:00:${(i + 16).toString(16)}`, ip: `10.91.${place}.${i + 11}` },
        ],
        volumes: volumesOf(id, i, count),
      })),
      checks: names.map((server) => ({ id: `${server}-active`, kind: 'server-active', server })),
    };
  });
}

/** All volumes of a service, dealt out to its servers. */
const volumesOf = (id: string, server: number, servers: number): string[] =>
  Array.from({ length: VOLUMES }, (_, i) => i)
    .filter((i) => i % servers === server)
    .map((i) => twinId('bench', `${id}-${i}`));

/** The figures as lines a person reads; the share is of this one run. */
export function movesTable(figures: MoveFigures): string[] {
  const { services: count, volumes, servers, calls, own, waveMs } = figures;
  const whole = waveMs.reduce((sum, ms) => sum + ms, 0);
  const minutes = (ms: number) => `${(ms / 60_000).toFixed(1)} min`;
  const ours = (100 * (own.engine + own.gateways)) / whole;
  return [
    `a real switch of ${count} services in ${waveMs.length} waves: ` +
      `${volumes} volumes, ${servers} servers, ${calls} calls`,
    `waves ${waveMs.map(minutes).join(' and ')} of their clock, ` +
      `${minutes(whole)} together; people answer at once`,
    `share of it that is ours rather than the arrays' and servers': ${ours.toFixed(2)} %`,
  ];
}
