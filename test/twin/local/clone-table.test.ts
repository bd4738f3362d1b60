/** Every cell of the ShadowImage table, asked over REST. */
import { type SiOperation, type SiState, siTable } from '../../../lib/twin/array/local/tables.ts';
import { CG, type LocalBench, localBench, pairId, refusedWrite } from './support.ts';

const PAIR = pairId('D-01');
const [PVOL, SVOL] = [2000, 3000];
const QUICK = { parameters: { quickMode: true } };
const SUSPEND = { parameters: { forceSuspend: true } };
const invoke = (name: string) => `${PAIR}/actions/${name}/invoke`;

/** How one pair gets into each state. Its P-VOL is a plain volume, so that it may be restored. */
const roads: Readonly<Record<SiState, (bench: LocalBench) => Promise<void>>> = {
  COPY: async (bench) => {
    await roads.PSUS(bench);
    await bench.client.send('POST', invoke('resync'), {});
  },
  PAIR: async () => undefined,
  'COPY(SP)': async ({ client, clock }) => {
    await client.send('POST', invoke('split'), {});
    clock.advance(100);
  },
  'PSUS(SP)': async ({ client, clock }) => {
    await client.send('POST', invoke('split'), QUICK);
    clock.advance(100);
  },
  PSUS: async ({ client, clock }) => {
    await client.send('POST', invoke('split'), QUICK);
    clock.advance(10_000);
  },
  PSUE: async ({ client }) => {
    await client.send('POST', invoke('split'), SUSPEND);
  },
  RCPY: async (bench) => {
    await roads.PSUS(bench);
    await bench.client.send('POST', invoke('restore'), {});
  },
};

const ask: Readonly<Record<SiOperation, readonly [string, string, unknown]>> = {
  split: ['POST', invoke('split'), {}],
  resync: ['POST', invoke('resync'), {}],
  restore: ['POST', invoke('restore'), {}],
  suspend: ['POST', invoke('split'), SUSPEND],
  delete: ['DELETE', PAIR, undefined],
};

/** What an operation that is carried out makes of the pair. */
const becomes: Readonly<Record<SiOperation, string>> = {
  split: 'COPY/COPY',
  resync: 'COPY/COPY',
  restore: 'RCPY/RCPY',
  suspend: 'PSUE/PSUE',
  delete: '404',
};

async function shown({ client }: LocalBench): Promise<string> {
  const { status, body } = await client.get(PAIR);
  return status === 200 ? `${body.pvolStatus}/${body.svolStatus}` : String(status);
}

const states = Object.keys(siTable) as SiState[];
const cells = states.flatMap((state) =>
  (Object.keys(ask) as SiOperation[]).map(
    (name) => [state, name, siTable[state][name].does] as const,
  ),
);

describe.each(states)('in %s', (state) => {
  it('shows its statuses and lets hosts in as the table says', async () => {
    const bench = await localBench({ mirrored: false });
    await roads[state](bench);
    const { pvol, svol, hosts } = siTable[state].shows;
    expect(await shown(bench)).toBe(`${pvol}/${svol}`);
    const may = [PVOL, SVOL].map((ldevId) => refusedWrite(bench, ldevId) === undefined);
    expect(may).toEqual(hosts.map((access) => access === 'rw'));
  });
});

it.each(cells)('%s, %s: %s', async (state, operation, does) => {
  const bench = await localBench({ mirrored: false });
  await roads[state](bench);
  const before = await shown(bench);
  const [method, path, body] = ask[operation];
  const job = await bench.order(method, path, body);
  const refused = does === 'reject' || does === 'act-quick';
  expect(job.state).toBe(refused ? 'Failed' : 'Succeeded');
  if (refused) expect(job.cause).toContain(`D-01 is ${state}`);
  const acts = does === 'act';
  bench.clock.advance(acts && operation === 'split' ? 10 : 0);
  expect(await shown(bench)).toBe(acts ? becomes[operation] : before);
});

it('COPY, split: carried out in quick mode and in a consistency group', async () => {
  for (const [path, body] of [
    [invoke('split'), QUICK],
    [`${CG}/actions/split/invoke`, {}],
  ] as const) {
    const bench = await localBench({ mirrored: false });
    await roads.COPY(bench);
    expect((await bench.order('POST', path, body)).state).toBe('Succeeded');
    bench.clock.advance(60_000);
    expect(await shown(bench)).toBe('PSUS/SSUS');
  }
});

it.each(['split', 'resync', 'restore'])('SMPL: %s is 404, there is no such pair', async (name) => {
  const { client } = await localBench({ mirrored: false });
  await client.send('DELETE', PAIR);
  const answer = await client.send('POST', invoke(name), {});
  expect([answer.status, answer.body.messageId]).toEqual([404, 'KART30013-E']);
});

it('answers templates of actions, and 412 in the wrong state', async () => {
  const { client } = await localBench();
  const split = await client.get(`${CG}/actions/split`);
  expect(split.body.parameters).toHaveProperty('quickMode', null);
  expect((await client.get(`${CG}/actions/restore`)).status).toBe(412);
});
