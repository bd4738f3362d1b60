/** Active-active volumes: where hosts go on, by states and I/O modes of both halves together. */
import type { Mine } from '../../lib/actions/action.ts';
import { gadRows, gadStanding } from '../../lib/vsp/gad.ts';
import { hazardText } from '../../lib/vsp/hazards.ts';
import { answered, mirrorFacts, mirrorLab, probe, SID } from './mirror-lab.ts';

const GROUP = 'LOAN01';
const facts = mirrorFacts({}, 'GAD');
const lab = (main: string | undefined, dr: string | undefined) =>
  mirrorLab({ sides: { main, dr } });

/** Written down a second time. */
const table: Readonly<Record<string, string>> = {
  'PAIR L/M | PAIR L/M': 'mirrored',
  'COPY L/M | COPY B/B': 'mirroring',
  'PSUS L/L | SSUS B/B': 'only-p',
  'PSUE L/L | PSUE B/B': 'only-p',
  'PSUE L/L | PAIR B/B': 'only-p',
  'PSUE L/L | SMPL': 'only-p',
  'PSUE L/L | unknown': 'only-p',
  'PAIR L/L | PSUE B/B': 'only-p',
  'PAIR L/L | PAIR B/B': 'only-p',
  'PAIR L/L | SMPL': 'only-p',
  'PAIR L/L | unknown': 'only-p',
  'PSUS B/B | SSWS L/L': 'only-s',
  'PSUE B/B | SSWS L/L': 'only-s',
  'PAIR B/B | SSWS L/L': 'only-s',
  'SMPL | SSWS L/L': 'only-s',
  'unknown | SSWS L/L': 'only-s',
  'PSUS B/B | PAIR L/L': 'only-s',
  'PSUE B/B | PAIR L/L': 'only-s',
  'PAIR B/B | PAIR L/L': 'only-s',
  'SMPL | PAIR L/L': 'only-s',
  'unknown | PAIR L/L': 'only-s',
  'PSUE B/B | PSUE B/B': 'blocked',
  'unknown | PSUE B/B': 'blocked',
  'PSUE B/B | unknown': 'blocked',
  'PAIR L/M | unknown': 'undecided',
  'unknown | PAIR L/M': 'undecided',
  'SMPL | SMPL': 'simplex',
};

test('every state and mode of one half against every one of the other', () => {
  const halves = ['PAIR', 'COPY', 'PSUS', 'SSUS', 'PSUE', 'SSWS'].flatMap((state) =>
    ['L/M', 'L/L', 'B/B'].map((mode) => `${state} ${mode}`),
  );
  const all = [...halves, 'SMPL', 'unknown'];
  const found = all.flatMap((p) => all.map((s) => [`${p} | ${s}`, gadStanding(p, s)] as const));
  expect(Object.fromEntries(found.filter(([, is]) => is !== 'unknown'))).toEqual(table);
  const ends = gadRows.flatMap(({ p, s }) => p.flatMap((one) => s.map((two) => `${one} | ${two}`)));
  expect(new Set(ends).size).toBe(ends.length);
});

describe('gad/assert', () => {
  const mirrored = probe('gad/assert', { group: GROUP }, { facts });
  const alone = probe('gad/assert', { group: GROUP, survivor: 'dr' }, { facts });
  const stateOf = async (step: typeof mirrored, main?: string, dr?: string) =>
    (await step.judge(lab(main, dr)))['it'];

  test('mirrored is both, and a survivor is one, and the right one', async () => {
    expect(await stateOf(mirrored, 'P PAIR L/M', 'S PAIR L/M')).toMatchObject({ state: 'done' });
    expect(await stateOf(mirrored, 'P COPY L/M', 'S COPY B/B')).toMatchObject({ state: 'pending' });
    expect(await stateOf(mirrored, 'P PAIR L/M', undefined)).toMatchObject({ state: 'pending' });
    expect(await stateOf(alone, undefined, 'S SSWS L/L')).toMatchObject({ state: 'done' });
    expect(await stateOf(alone, 'P PSUE L/L', 'S PSUE B/B')).toMatchObject({ state: 'pending' });
    expect(await stateOf(alone, 'P PAIR L/M', 'S PAIR L/M')).toMatchObject({ state: 'pending' });
  });

  test.each([
    ['P PSUE B/B', 'S PSUE B/B'],
    [undefined, 'S PSUE B/B'],
  ])('blocked (%s, %s) stops the run and calls a person', async (main, dr) => {
    for (const step of [mirrored, alone]) {
      const verdict = await stateOf(step, main, dr);
      expect(verdict).toMatchObject({ state: 'refuse' });
      expect(verdict?.reason).toMatch(/call the storage vendor/);
    }
  });
});

describe('gad/swap-split', () => {
  const split = probe('gad/swap-split', { group: GROUP, to: 'dr' }, { facts });
  const stateOf = async (main?: string, dr?: string, mine: Record<string, Mine> = {}) =>
    (await split.judge(lab(main, dr), { mine, now: 1_000 }))['it.swap-split']?.state;

  test('is sent to the S-VOLs with both arrays named, and only while both are mirrored', async () => {
    const [call] = split.calls;
    expect(call?.path).toContain(`/${SID.main},LOAN01,LOAN01S_,LOAN01P_/actions/split/invoke`);
    expect(call?.body).toEqual({
      parameters: { replicationType: 'GAD', svolOperationMode: 'SSWS' },
    });
    expect(call?.grant?.guards.map(({ id }) => id)).toEqual(['side-primary-paired#h11']);
    expect(await stateOf('P PAIR L/M', 'S PAIR L/M')).toBe('ready');
    expect(await stateOf('S PAIR L/M', 'P PAIR L/M')).toBe('pending');
    expect(await stateOf('P COPY L/M', 'S COPY B/B')).toBe('pending');
    expect(await stateOf('P PSUE B/B', 'S PSUE B/B')).toBe('refuse');
    expect(await stateOf('P PSUS B/B', 'S SSWS L/L')).toBe('preexisting');
    const sent = { 'it.swap-split': answered };
    expect(await stateOf('P PAIR L/M', 'S PAIR L/M', sent)).toBe('pending');
    expect(await stateOf('P PSUS B/B', 'S SSWS L/L', sent)).toBe('done');
  });
});

describe('gad/resync', () => {
  const resync = (survived: 'P-VOL' | 'S-VOL', active: string) =>
    probe('gad/resync', { group: GROUP, active, survived }, { facts });

  test.each<['P-VOL' | 'S-VOL', string, string, string, string]>([
    ['S-VOL', 'dr', 'P PSUS B/B', 'S SSWS L/L', 'ready'],
    ['S-VOL', 'dr', 'P PSUE B/B', 'S SSWS L/L', 'ready'],
    ['S-VOL', 'dr', 'P PSUE L/L', 'S PSUE B/B', 'refuse'],
    ['S-VOL', 'main', 'P PSUS B/B', 'S SSWS L/L', 'refuse'],
    ['P-VOL', 'main', 'P PSUS L/L', 'S SSUS B/B', 'ready'],
    ['P-VOL', 'main', 'P PSUE L/L', 'S PSUE B/B', 'ready'],
    ['P-VOL', 'main', 'P PSUS B/B', 'S SSWS L/L', 'refuse'],
    ['P-VOL', 'dr', 'P PSUE L/L', 'S PSUE B/B', 'refuse'],
    ['P-VOL', 'main', 'P PSUE B/B', 'S PSUE B/B', 'refuse'],
    ['P-VOL', 'main', 'P COPY L/M', 'S COPY B/B', 'pending'],
    ['P-VOL', 'main', 'P PAIR L/M', 'S PAIR L/M', 'preexisting'],
  ])('%s survived at %s, %s and %s: %s', async (survived, active, main, dr, wanted) => {
    const verdict = (await resync(survived, active).judge(lab(main, dr)))['it.resync'];
    expect(verdict?.state).toBe(wanted);
    if (wanted === 'refuse' && main !== 'P PSUE B/B') {
      expect(verdict?.reason).toContain(hazardText(4));
    }
  });

  test('where the S-VOLs survived the roles are exchanged, and both gateways look', () => {
    const [swap] = resync('S-VOL', 'dr').calls;
    expect(swap?.body).toEqual({ parameters: { replicationType: 'GAD', doSwapSvol: true } });
    expect(swap?.guards[0]?.id).toBe('side-taken#h4');
    expect(swap?.grant?.guards[0]?.id).toBe('side-primary-suspended#h3');
    const [plain] = resync('P-VOL', 'main').calls;
    expect(plain?.body).toEqual({ parameters: { replicationType: 'GAD' } });
    expect(plain?.guards[0]?.id).toBe('side-primary-suspended#h4');
    expect(plain?.grant?.guards[0]?.id).toBe('side-secondary-suspended#h3');
  });
});
