/** What the moves of a copy group make of every state of its two sides. */
import type { Mine } from '../../lib/actions/action.ts';
import type { PlanStep } from '../../lib/runbook/plan.ts';
import { hazardText } from '../../lib/vsp/hazards.ts';
import { answered, type MirrorLab, mirrorFacts, mirrorLab, probe, SID } from './mirror-lab.ts';

const GROUP = 'LOAN01';
const sides = (main: string, dr: string): MirrorLab => mirrorLab({ sides: { main, dr } });
const ALL = ['P PAIR', 'P PFUL', 'P COPY', 'P PSUS', 'P PFUS', 'P PSUE', 'P SMPL'].concat([
  'S PAIR',
  'S PFUL',
  'S COPY',
  'S SSUS',
  'S PFUS',
  'S PSUE',
  'S SSWS',
  'S SMPL',
]);

describe('swap', () => {
  const swap = probe('replication/swap', { group: GROUP, to: 'dr' });
  const stateOf = async (lab: MirrorLab, mine: Record<string, Mine> = {}) =>
    (await swap.judge(lab, { mine, now: 1_000 }))['it.swap'];

  /** `<dr> | <main>`: never sent, sent; every other pair of states is refused. */
  const rows: Readonly<Record<string, string>> = {
    'S PAIR | P PAIR': 'ready pending',
    'P PAIR | S PAIR': 'preexisting done',
    'P PFUL | S PFUL': 'pending pending',
    'P COPY | S COPY': 'pending pending',
    'S PFUL | P PFUL': 'pending pending',
    'S PAIR | P PFUL': 'pending pending',
    'S PFUL | P PAIR': 'pending pending',
    'S COPY | P COPY': 'pending pending',
    // Two answers, one before and one after the instant of the change.
    'P PAIR | P PAIR': 'pending pending',
    'S PAIR | S PAIR': 'pending pending',
  };

  test('every pair of states of both sides', async () => {
    const wrong: string[] = [];
    for (const dr of ALL) {
      for (const main of ALL) {
        const wanted = rows[`${dr} | ${main}`] ?? 'refuse refuse';
        const lab = sides(main, dr);
        const never = await stateOf(lab);
        const sent = await stateOf(lab, { 'it.swap': answered });
        const found = `${never?.state} ${sent?.state}`;
        if (found !== wanted) wrong.push(`${dr} | ${main}: ${found}, not ${wanted}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('says which hazard it met, on which side', async () => {
    expect((await stateOf(sides('P COPY', 'S COPY')))?.reason).toContain(hazardText(11));
    const opened = await stateOf(sides('P PSUS', 'S SSWS'));
    expect(opened?.reason).toBe(`dr S SSWS; main P PSUS. ${hazardText(2)}`);
    const partial = mirrorLab({ sides: { main: 'P PAIR', dr: ['S PAIR', 'S SSWS', 'S PAIR'] } });
    expect((await stateOf(partial))?.reason).toContain(hazardText(6));
    const more = mirrorLab({
      sides: { main: 'P PAIR', dr: ['S PAIR', 'S PAIR', 'S PAIR', 'S PAIR', 'S PAIR'] },
    });
    expect((await stateOf(more))?.reason).toContain(hazardText(16));
  });

  test('waits for both journals, and for a side that does not answer', async () => {
    const lab = mirrorLab();
    lab.journals.main.left = 3;
    expect((await stateOf(lab))?.reason).toContain('main PJNN with 3 left');
    lab.journals.main.left = 0;
    lab.journals.dr.status = 'SJSN';
    expect(await stateOf(lab)).toMatchObject({ state: 'pending' });
    lab.journals.dr.status = 'SJNN';
    expect(await stateOf(lab)).toMatchObject({ state: 'ready' });
    lab.sides.main = undefined;
    expect(await stateOf(lab)).toMatchObject({ state: 'pending' });
    expect(await stateOf(lab, { 'it.swap': answered })).toMatchObject({ state: 'pending' });
  });

  test('needs both arrays by name, and asks main whether it is fenced', () => {
    const [call] = swap.calls;
    expect(call?.path).toContain(`/${SID.main},LOAN01,LOAN01S_,LOAN01P_/actions/takeover/invoke`);
    expect(call?.body).toEqual({ parameters: { mode: 'auto' } });
    expect(call?.guards.map(({ id }) => id)).toEqual([
      ...['side-secondary-paired#h11', 'journal-drained#h11', 'remote-paths-up'],
    ]);
    const peer = call?.grant?.guards.map(({ id }) => id) ?? [];
    expect(peer.slice(0, 3)).toEqual([
      ...['side-primary-paired#h11', 'journal-drained#h11', 'remote-paths-up'],
    ]);
    expect(peer.slice(3)).toEqual(
      call?.grant?.guards.slice(3).map(({ args }) => {
        return `only-pair-path-${args['ldev']}#h2`;
      }),
    );
  });

  test('TrueCopy has no journals to ask, GAD is not swapped so', () => {
    const facts = mirrorFacts({}, 'TC');
    const [call] = probe('replication/swap', { group: GROUP, to: 'dr' }, { facts }).calls;
    const all = [...(call?.guards ?? []), ...(call?.grant?.guards ?? [])];
    expect(all.filter(({ predicate }) => predicate === 'journal-drained')).toEqual([]);
    const gad = { facts: mirrorFacts({}, 'GAD') };
    expect(() => probe('replication/swap', { group: GROUP, to: 'dr' }, gad)).toThrow('GAD');
  });
});

describe('reverse', () => {
  const reverse = probe('replication/reverse', { group: GROUP, active: 'dr' });
  const statesOf = async (lab: MirrorLab, mine: Record<string, Mine> = {}) => {
    const verdicts = await reverse.judge(lab, { mine, now: 1_000 });
    return `${verdicts['it.halt']?.state} ${verdicts['it.reverse']?.state}`;
  };
  const OLD = ['P PSUS', 'P PSUE', 'P PAIR', 'P COPY', 'P SMPL', 'S PAIR', 'S COPY', 'S SSWS'];

  /** `<active> | <old primary>`: halt and reverse, both never sent; all else is refused. */
  const rows: Readonly<Record<string, string>> = {
    'S SSWS | P PSUS': 'done ready',
    'S SSWS | P PSUE': 'done ready',
    'S SSWS | P PAIR': 'ready pending',
    'S SSWS | P COPY': 'pending pending',
    'S SSWS | S PAIR': 'done pending',
    'S SSWS | S COPY': 'done pending',
    'S SSWS | S SSWS': 'pending pending',
    'P PAIR | S PAIR': 'done preexisting',
    'P PAIR | S COPY': 'done pending',
    'P COPY | S PAIR': 'done pending',
    'P COPY | S COPY': 'done pending',
    'P PFUL | S PAIR': 'done pending',
    'P PFUL | S COPY': 'done pending',
  };

  test('every state of the active side against every state of the old primary', async () => {
    const wrong: string[] = [];
    for (const dr of ALL) {
      for (const main of OLD) {
        const found = await statesOf(sides(main, dr));
        const row = rows[`${dr} | ${main}`];
        const bad =
          row === undefined
            ? !found.endsWith('refuse') && !found.endsWith('pending')
            : found !== row;
        if (bad) wrong.push(`${dr} | ${main}: ${found}, not ${row}`);
        // Never from a side that was not taken over, and never over one that may be the source.
        if (found.endsWith('ready')) {
          expect([dr, ['P PSUS', 'P PSUE'].includes(main)]).toEqual(['S SSWS', true]);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('never while a host reaches the old primary', async () => {
    const lab = sides('P PSUS', 'S SSWS');
    lab.hosts.main = ['DRILLBOOK-PAIR', 'compute-1'];
    const { 'it.reverse': verdict } = await reverse.judge(lab);
    expect(verdict).toMatchObject({ state: 'pending' });
    expect(verdict?.reason).toContain(hazardText(2));
    lab.hosts.main = ['DRILLBOOK-PAIR'];
    expect(await statesOf(lab)).toBe('done ready');
  });

  test('a half of the volumes taken over is a hazard of its own', async () => {
    const lab = mirrorLab({ sides: { main: 'P PSUS', dr: ['S SSWS', 'S PAIR', 'S SSWS'] } });
    const { 'it.reverse': verdict } = await reverse.judge(lab);
    expect(verdict).toMatchObject({ state: 'refuse' });
    expect(verdict?.reason).toContain(hazardText(6));
    expect((await reverse.judge(sides('P PAIR', 'S PAIR')))['it.reverse']?.reason).toContain(
      hazardText(4),
    );
  });
});

describe('drain', () => {
  const drain = probe('replication/drain', { group: GROUP });
  /** Looks every 5 s while main's marker is what `marker` says; the last verdict. */
  async function watch(lab: MirrorLab, marker: (look: number) => string, looks: number) {
    let reading: unknown;
    let last: Awaited<ReturnType<typeof drain.judge>>[string] | undefined;
    for (let look = 0; look < looks; look++) {
      lab.journals.main.marker = marker(look);
      const readings = reading === undefined ? {} : { it: reading };
      last = (await drain.judge(lab, { now: look * 5_000, readings }))['it'];
      reading = last?.reading ?? reading;
      if (last?.state !== 'pending') return { last, look };
    }
    return { last, look: looks };
  }
  const still = () => '0a';
  const moving = (look: number) => (16 + look).toString(16);

  test('a marker that stood still for ten seconds, and the same one at the other side', async () => {
    expect(await watch(mirrorLab(), still, 9)).toMatchObject({
      look: 2,
      last: { state: 'done', reading: { marker: '0a', restored: '0a', proof: 'rpo-0' } },
    });
  });

  test.each<[string, (lab: MirrorLab) => void]>([
    ['the other side lacks something', (lab) => Object.assign(lab.journals.dr, { marker: '09' })],
    ['main holds something back', (lab) => Object.assign(lab.journals.main, { left: 1 })],
    ['the other side has not restored', (lab) => Object.assign(lab.journals.dr, { left: 1 })],
    ['main suspends', (lab) => Object.assign(lab.journals.main, { status: 'PJSN' })],
    ['the other journal suspends', (lab) => Object.assign(lab.journals.dr, { status: 'SJSN' })],
    ['the journals catch up', (lab) => Object.assign(lab.sides, { main: 'P PFUL' })],
    ['main does not answer', (lab) => Object.assign(lab.sides, { main: undefined })],
  ])('is no proof while %s', async (_, change) => {
    const lab = mirrorLab();
    change(lab);
    expect((await watch(lab, still, 9)).last).toMatchObject({ state: 'pending' });
  });

  test('a marker that moves for a minute is somebody who writes', async () => {
    const { last, look } = await watch(mirrorLab(), moving, 60);
    expect([last?.state, look]).toEqual(['refuse', 12]);
    expect(last?.reason).toMatch(/somebody still writes/);
  });

  test('a write now and then begins the ten seconds anew', async () => {
    const { last } = await watch(
      mirrorLab(),
      (look) => (16 + Math.floor(look / 2)).toString(16),
      8,
    );
    expect(last).toMatchObject({ state: 'pending' });
  });

  test('what an earlier attempt saw proves nothing now', async () => {
    const kept = { marker: '0a', at: 0, movingSince: 0 };
    const seat = { now: 60_000, startedAt: 50_000, readings: { it: kept } };
    expect((await drain.judge(mirrorLab(), seat))['it']).toMatchObject({ state: 'pending' });
    const same = { ...seat, startedAt: 0 };
    expect((await drain.judge(mirrorLab(), same))['it']).toMatchObject({ state: 'done' });
  });

  test.each([
    ['P PSUS', 'S SSUS'],
    ['P PSUE', 'S PSUE'],
    ['P PAIR', 'S SSWS'],
  ])('%s and %s is no drain but a stop', async (main, dr) => {
    expect((await drain.judge(sides(main, dr)))['it']).toMatchObject({ state: 'refuse' });
  });

  test('TrueCopy holds the same at both sides while it is PAIR', async () => {
    const tc = probe('replication/drain', { group: GROUP }, { facts: mirrorFacts({}, 'TC') });
    expect((await tc.judge(mirrorLab()))['it']).toMatchObject({
      ...{ state: 'done', reading: { proof: 'rpo-0' } },
    });
    expect((await tc.judge(sides('P PSUE', 'S PAIR')))['it']).toMatchObject({ state: 'refuse' });
  });
});

describe('paths', () => {
  const path = { ldev: 1200, port: 'CL3-A', hostGroup: 1, lun: 0 };
  const facts = mirrorFacts({
    ...{ paths: { main: [path], dr: [] }, fenced: { main: [{ ...path, lun: 7 }] } },
    servers: { main: [], dr: [] },
    twins: [],
  });
  const given = { group: GROUP, site: 'main' };
  const restore = probe('paths/restore', given, { facts });

  test('an earlier run left them away: they come back with the numbers they had', () => {
    const [call] = restore.calls;
    expect(call).toMatchObject({
      ...{ method: 'POST', path: `/v1/objects/storages/${SID.main}/luns` },
      body: { portId: 'CL3-A', hostGroupNumber: 1, ldevId: 1200, lun: 7 },
    });
    expect(call?.guards.map(({ id }) => id)).toEqual(['side-primary#h2']);
    expect(call?.grant?.guards.map(({ id }) => id)).toEqual(['side-secondary-closed#h2']);
    const undo = probe('paths/restore', given, { facts, undoes: 'fence' });
    expect(undo.calls[0]?.body).toMatchObject({ lun: 0 });
    const again = probe('paths/remove', given, { facts, undoes: 'paths' });
    expect(again.calls.map(({ method, path: at }) => `${method} ${at}`)).toEqual([
      `DELETE /v1/objects/storages/${SID.main}/luns/CL3-A,1,7`,
    ]);
  });

  test('back only to the source, and only while the other side is closed', async () => {
    const open: string[] = [];
    for (const main of ALL) {
      for (const dr of ALL) {
        const { 'it.restore-1200-CL3-A-1-7': verdict } = await restore.judge(sides(main, dr));
        if (verdict?.state === 'ready') open.push(`${main} | ${dr}`);
        else expect(verdict?.reason).toContain(hazardText(2));
      }
    }
    const closed = ['S PAIR', 'S PFUL', 'S COPY', 'S PFUS', 'S PSUE'];
    const source = ['P PAIR', 'P PFUL', 'P COPY', 'P PSUS', 'P PFUS', 'P PSUE'];
    expect(open.sort()).toEqual(source.flatMap((p) => closed.map((s) => `${p} | ${s}`)).sort());
  });

  test('a path that is there, or not, before and after our call', async () => {
    const remove = probe('paths/remove', given, { facts });
    const state = async (hosts: readonly string[], mine: Record<string, Mine> = {}) => {
      const lab = mirrorLab({ hosts: { main: hosts, dr: [] } });
      const verdicts = await remove.judge(lab, { mine, now: 1_000 });
      return verdicts['it.remove-1200-CL3-A-1-0']?.state;
    };
    const sent = { 'it.remove-1200-CL3-A-1-0': answered };
    expect(await state(['compute-1'])).toBe('ready');
    expect(await state(['compute-1'], sent)).toBe('pending');
    expect(await state([], sent)).toBe('done');
    expect(await state([])).toBe('preexisting');
    const none = probe('paths/remove', { group: GROUP, site: 'dr' }, { facts });
    expect(await none.judge(mirrorLab())).toMatchObject({ it: { state: 'preexisting' } });
  });
});

describe('takeover of TrueCopy', () => {
  const takeover = (fence: 'DATA' | 'STATUS' | 'NEVER', found: string) => {
    const facts = mirrorFacts({
      takeover: {
        ...{ site: 'dr', type: 'TC', group: GROUP, fence, muNumber: 0 },
        id: `NotSpecified,${GROUP},${GROUP}S_,NotSpecified`,
        primary: SID.main,
        pairs: [0, 1, 2].map((i) => ({ name: `p${i}`, svol: 2200 + i })),
      },
    });
    return { facts: { ...facts, classed: { takeover: found } }, steps: [FENCE] };
  };
  const FENCE: PlanStep = {
    ...{ id: 'fence', uses: 'people/do', title: { ko: '차단', en: 'Fence' }, needs: [] },
    input: { proof: { ko: '기록', en: 'Record' } },
    ...{ phase: 'forward', withinMs: 1 },
  };
  const given = { group: GROUP, proof: 'fence' };
  const readings = { fence: { performed: 'p-1', witnessed: 'p-2' } };
  const dead = (state: string, fence: string) =>
    mirrorLab({ sides: { main: undefined, dr: state }, links: 'ERR_05', fence });

  test('asks no journal, and the gateway holds the fence level', () => {
    const [call] = probe('replication/takeover', given, takeover('DATA', 'current')).calls;
    expect(call?.guards.map(({ id }) => id)).toEqual([
      ...['secondary-takeable#h9', 'remote-paths-down#h1'],
    ]);
    expect(call?.guards[0]?.args).toMatchObject({ worst: 'current', fence: 'DATA' });
  });

  test('fence NEVER is not current unless that is what was approved, in red', async () => {
    const facts = takeover('NEVER', 'not-current');
    expect(() => probe('replication/takeover', given, facts)).toThrow('fence NEVER');
    const old = { ...given, data: 'may-be-old' };
    const approved = probe('replication/takeover', old, facts);
    expect(approved.calls[0]?.words.en).toContain('THE DATA MAY BE OLD');
    expect(approved.calls[0]?.words.ko).toContain('데이터가 오래되었을 수 있음');
    const verdicts = await approved.judge(dead('S PAIR', 'NEVER'), { readings });
    expect(verdicts['it.takeover']).toMatchObject({ state: 'ready' });
  });

  test.each<['DATA' | 'STATUS', string, string, string]>([
    ['DATA', 'S PAIR', 'ERR_05', 'ready'],
    ['DATA', 'S PSUE', 'ERR_05', 'ready'],
    ['STATUS', 'S PAIR', 'ERR_05', 'ready'],
    ['STATUS', 'S PSUE', 'ERR_05', 'refuse'],
    ['DATA', 'S SSUS', 'ERR_05', 'refuse'],
    ['DATA', 'S COPY', 'ERR_05', 'refuse'],
    ['DATA', 'S SSWS', 'ERR_05', 'preexisting'],
    ['DATA', 'S PAIR', 'NML', 'refuse'],
  ])('fence %s, %s, remote paths %s: %s', async (fence, state, links, wanted) => {
    const step = probe('replication/takeover', given, takeover(fence, 'current'));
    const lab = { ...dead(state, fence) };
    const read = mirrorLab({ sides: lab.sides, links, fence });
    expect((await step.judge(read, { readings }))['it.takeover']?.state).toBe(wanted);
  });

  test('a fence level that somebody changed meanwhile is refused', async () => {
    const step = probe('replication/takeover', given, takeover('DATA', 'current'));
    const changed = await step.judge(dead('S PAIR', 'NEVER'), { readings });
    expect(changed['it.takeover']).toMatchObject({ state: 'refuse' });
  });
});

test('an assertion of TrueCopy has no lag to measure, and is no less strict about states', async () => {
  const given = { group: GROUP, lagBelow: '1m' };
  const assert = probe('replication/assert', given, { facts: mirrorFacts({}, 'TC') });
  expect((await assert.judge(mirrorLab()))['it']).toMatchObject({
    ...{ state: 'done', reading: { synchronous: true } },
  });
  expect((await assert.judge(sides('P COPY', 'S COPY')))['it']).toMatchObject({ state: 'pending' });
  expect((await assert.judge(sides('P PSUE', 'S PAIR')))['it']).toMatchObject({ state: 'refuse' });
});
