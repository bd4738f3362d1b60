/** Every line of the state tables, asked over REST: the tables say what must come of it. */

import * as z from 'zod';
import { type Operation, type Rule, rules } from '../../../lib/twin/array/remote/rules.ts';
import { fail, hold, overflowed } from '../../../lib/twin/array/remote/strikes.ts';
import { stateTable } from '../../../lib/twin/tables/load.ts';
import { parseYaml } from '../../../lib/yaml.ts';
import type { Sent } from '../array-support.ts';
import { act, DR, groupId, type Kind, plan, type Rig, remoteOf, rig, state } from './support.ts';

const KINDS: readonly Kind[] = ['UR', 'TC', 'GAD'];
const groupOf = (r: Rig) => {
  const group = r.fabric.group('CG');
  if (group === undefined) throw new Error('no group CG');
  return group;
};
const cut = (r: Rig, down: boolean) => {
  r.fabric.link('main', 'dr').cut(down, r.clock.now());
  r.fabric.link('dr', 'main').cut(down, r.clock.now());
};
const done = (sent: Sent) => expect([sent.status, sent.body.state]).toEqual([202, 'Succeeded']);
const split = async (r: Rig, kind: Kind) => {
  done(await act(r, ['main', 'split'], { replicationType: kind }));
  r.pass(5);
};
const swapSplit = async (r: Rig, kind: Kind) => {
  const wish = { replicationType: kind, svolOperationMode: 'SSWS' };
  done(await act(r, ['dr', 'split'], wish));
  r.pass(5);
};
const dissolve = (r: Rig, site: 'main' | 'dr', form: 'full' | 'local') =>
  r.admin[site].done(
    'DELETE',
    `remote-mirror-copygroups/${groupId(site, form)}`,
    undefined,
    form === 'full' ? remoteOf(r, site) : {},
  );

/** How a state comes about; `unknown` is reached by cutting all paths afterwards. */
const ways: Readonly<Record<string, (r: Rig, kind: Kind) => unknown>> = {
  'SMPL/SMPL': (r) => dissolve(r, 'main', 'full'),
  'COPY/COPY': async (r, kind) => {
    await split(r, kind);
    done(await act(r, ['main', 'resync'], { replicationType: kind }));
  },
  'PAIR/PAIR': () => undefined,
  'PFUL/PFUL': (r) => {
    hold(groupOf(r), { flow: 'transfer', on: true }, r.clock.now());
    r.pass(90);
  },
  'PSUS/SSUS': split,
  'PFUS/PFUS': (r) => overflowed(groupOf(r), r.clock.now()),
  'PSUE/PSUE': (r) => fail(groupOf(r), r.clock.now()),
  'PSUS/SSWS': async (r, kind) => {
    await split(r, kind);
    await swapSplit(r, kind);
  },
  'PSUE/SSWS': async (r, kind) => {
    fail(groupOf(r), r.clock.now());
    await swapSplit(r, kind);
  },
  'HOLD/HOLD': () => undefined,
  'HOLDING/HOLDING': async (r) => {
    await dissolve(r, 'main', 'full');
    done(await r.admin.main.done('POST', 'remote-mirror-copypairs', delta, remoteOf(r, 'main')));
  },
  'HLDE/HLDE': (r) => {
    cut(r, true);
    r.pass(600);
    cut(r, false);
  },
  'PSUS/SMPL': async (r) => {
    cut(r, true);
    done(await dissolve(r, 'dr', 'local'));
    cut(r, false);
  },
  'SMPL/PSUE': async (r) => {
    cut(r, true);
    done(await dissolve(r, 'main', 'local'));
    cut(r, false);
  },
  'SMPL/SSWS': async (r, kind) => {
    await swapSplit(r, kind);
    cut(r, true);
    done(await dissolve(r, 'main', 'local'));
    cut(r, false);
  },
};

const delta = {
  copyGroupName: 'CG',
  copyPairName: 'p0',
  replicationType: 'UR',
  remoteStorageDeviceId: DR,
  pvolLdevId: 1000,
  svolLdevId: 2000,
  isNewGroupCreation: true,
  muNumber: 2,
  pvolJournalId: 1,
  svolJournalId: 1,
  doDeltaResyncSuspend: true,
};

/** The state both halves are in before the paths are cut. */
const whole: Readonly<Record<string, string>> = {
  'COPY/unknown': 'COPY/COPY',
  'PAIR/unknown': 'PAIR/PAIR',
  'PFUL/unknown': 'PFUL/PFUL',
  'PSUS/unknown': 'PSUS/SSUS',
  'PFUS/unknown': 'PFUS/PFUS',
  'PSUE/unknown': 'PSUE/PSUE',
  'unknown/COPY': 'COPY/COPY',
  'unknown/PAIR': 'PAIR/PAIR',
  'unknown/PFUL': 'PFUL/PFUL',
  'unknown/SSUS': 'PSUS/SSUS',
  'unknown/PFUS': 'PFUS/PFUS',
  'unknown/PSUE': 'PSUE/PSUE',
  'unknown/SSWS': 'PSUS/SSWS',
};

async function bring(kind: Kind, wanted: string): Promise<Rig> {
  const r = await rig(plan({ type: kind, delta: wanted.startsWith('H') }));
  const before = whole[wanted] ?? wanted;
  const way = ways[before];
  if (way === undefined) throw new Error(`no way to ${before}`);
  await way(r, kind);
  if (whole[wanted] !== undefined) {
    // Without writes TrueCopy and GAD do not notice that the paths are down.
    if (kind !== 'UR') r.writers.stop('app', 'test', r.clock.now());
    cut(r, true);
  }
  expect(await state(r)).toBe(before);
  return r;
}

/** The operation, sent to the side that the head of the tables names for it. */
async function send(r: Rig, kind: Kind, [row, operation]: readonly [string, Operation]) {
  const [p] = row.split('/');
  const type = { replicationType: kind };
  switch (operation) {
    case 'split':
      return await act(r, ['main', 'split'], type);
    case 'resync':
      return await act(r, ['main', 'resync'], type);
    case 'swap-split':
      return kind === 'UR'
        ? await act(r, ['dr', 'takeover'], { mode: 'forceSplit' }, { form: 'local' })
        : await act(r, ['dr', 'split'], { ...type, svolOperationMode: 'SSWS' });
    case 'takeover-auto':
      return await act(r, ['dr', 'takeover'], { mode: 'auto' }, { form: 'local' });
    case 'swap-resync':
      return await act(r, ['dr', 'resync'], { ...type, doSwapSvol: true });
    case 'delete': {
      const atS = p === 'unknown' || p === 'SMPL';
      const local = row.includes('unknown') || row.includes('SMPL');
      return await dissolve(r, atS ? 'dr' : 'main', local ? 'local' : 'full');
    }
  }
}

/** States after it, for halves the rule names; the others are as they were. */
function after(before: string, { p, s }: Rule): string {
  const [wasP, wasS] = before.split('/');
  return `${p ?? wasP}/${s ?? wasS}`;
}

async function check(kind: Kind, row: string, [operation, rule]: readonly [Operation, Rule]) {
  const r = await bring(kind, row);
  const before = await state(r);
  const sent = await send(r, kind, [row, operation]);
  if (row === 'SMPL/SMPL') {
    expect([sent.status, sent.body.messageId]).toEqual([404, 'KART40041-E']);
    return;
  }
  expect([sent.status, sent.body.state]).toEqual([
    202,
    rule.does === 'reject' ? 'Failed' : 'Succeeded',
  ]);
  if (rule.does === 'reject' || rule.does === 'none') {
    expect(await state(r)).toBe(before);
    return;
  }
  const turns = rule.does === 'swap' || rule.does === 'swap-copy';
  if (['copy', 'swap-copy', 'delta'].includes(rule.does)) expect(await state(r)).toBe('COPY/COPY');
  const group = r.fabric.group('CG');
  if (group?.state.held.transfer) hold(group, { flow: 'transfer', on: false }, r.clock.now());
  r.pass(120);
  const calm = (text: string) => text.replaceAll('PFUL', 'PAIR');
  expect(await state(r)).toBe(calm(after(before, rule)));
  if (rule.does !== 'delete') expect(groupOf(r).direction.from).toBe(turns ? 'dr' : 'main');
}

describe.each(KINDS)('%s', (kind) => {
  const rows = Object.entries(rules[kind]);
  const cells = rows.flatMap(([row, cellsOf]) =>
    Object.entries(cellsOf).map(
      ([operation, rule]) => [row, operation as Operation, rule] as const,
    ),
  );

  it('has a way to every state', () => {
    const lost = rows.map(([row]) => row).filter((row) => ways[whole[row] ?? row] === undefined);
    expect(lost).toEqual([]);
  });

  it.each(cells)('%s: %s', async (row, operation, rule) => {
    await check(kind, row, [operation, rule]);
  });
});

it('a wrong cell is named with its place', () => {
  const shape = stateTable({ operations: ['split'], does: ['none'], cell: {} });
  const text = 'states:\n  PAIR/PAIR:\n    split: { does: nonce, by: INF }\n';
  expect(() => parseYaml({ file: 'ur.yml', text }, z.strictObject({ states: shape }))).toThrow(
    /ur\.yml:3:\d+.*did you mean none/,
  );
});
