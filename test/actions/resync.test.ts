/** What a copy that stopped may go on from: every state of its two sides, and who had opened what. */
import { hazardText } from '../../lib/vsp/hazards.ts';
import { answered, mirrorFacts, mirrorLab, probe, SID } from './mirror-lab.ts';

const GROUP = 'LOAN01';
const resync = probe('replication/resync', { group: GROUP });
const sources = ['P PAIR', 'P PFUL', 'P COPY', 'P PSUS', 'P PFUS', 'P PSUE'];
const closed = ['S PAIR', 'S PFUL', 'S COPY', 'S PFUS', 'S PSUE'];
const others = ['P SMPL', 'S SSUS', 'S SSWS', 'S SMPL'];
const catching = ['PAIR', 'PFUL', 'COPY'];

const stateOf = async (main: string | string[], dr: string | string[], seat: object = {}) =>
  (await resync.judge(mirrorLab({ sides: { main, dr } }), { now: 1_000, ...seat }))['it.resync'];

/** Never sent; from the words of the rule rather than from the table. */
function expected(main: string, dr: string): string {
  if (!sources.includes(main) || !closed.includes(dr)) return 'refuse';
  const at = [main, dr].map((state) => state.slice(2));
  if (at.every((state) => state === 'PAIR')) return 'preexisting';
  return at.every((state) => catching.includes(state)) ? 'pending' : 'ready';
}

test('every pair of states of both sides', async () => {
  const wrong: string[] = [];
  const all = [...sources, ...closed, ...others];
  for (const main of all) {
    for (const dr of all) {
      const found = (await stateOf(main, dr))?.state;
      if (found !== expected(main, dr)) wrong.push(`${main} | ${dr}: ${found}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('some pairs stopped at their next write, others have had none: the whole group goes on', async () => {
  const torn = await stateOf(['P PAIR', 'P PSUE', 'P PAIR'], ['S PAIR', 'S PSUE', 'S PAIR']);
  expect(torn?.state).toBe('ready');
  const opened = await stateOf('P PSUE', ['S PSUE', 'S SSWS', 'S PSUE']);
  expect([opened?.state, opened?.reason]).toEqual([
    'refuse',
    expect.stringContaining(hazardText(3)),
  ]);
});

test('a side that was seen opened is not overwritten, whatever its state says now', async () => {
  const mark = (site: string) => ({
    marks: { [`opened:${GROUP}`]: { run: 'r-1111111111', drill: 'DR-1', at: 0, site } },
  });
  expect((await stateOf('P PSUE', 'S PSUE', mark('main')))?.state).toBe('ready');
  const left = await stateOf('P PSUE', 'S PSUE', mark('dr'));
  expect([left?.state, left?.reason]).toEqual([
    'refuse',
    expect.stringContaining('Run r-1111111111 saw the volumes opened at dr.'),
  ]);
});

test('one side alone says nothing; what was sent is waited for', async () => {
  const lab = mirrorLab({ sides: { main: 'P PSUE', dr: 'S PSUE' } });
  lab.sides.dr = undefined;
  expect((await resync.judge(lab))['it.resync']?.state).toBe('pending');
  const mine = { 'it.resync': answered };
  expect((await stateOf('P PSUE', 'S PSUE', { mine }))?.state).toBe('pending');
  expect((await stateOf('P PAIR', 'S PAIR', { mine }))?.state).toBe('done');
});

test('sent at the source, with the other array by name; both see their side and the links', () => {
  const [call] = resync.calls;
  expect([call?.site, call?.body]).toEqual(['main', { parameters: { replicationType: 'UR' } }]);
  expect(call?.path).toContain(`/${SID.dr},LOAN01,LOAN01P_,LOAN01S_/actions/resync/invoke`);
  expect(call?.guards.map(({ id }) => id)).toEqual(['side-primary#h3', 'remote-paths-up']);
  expect(call?.grant?.guards.map(({ id }) => id)).toEqual([
    'side-secondary-closed#h3',
    'remote-paths-up',
  ]);
  const gad = { facts: mirrorFacts({}, 'GAD') };
  expect(() => probe('replication/resync', { group: GROUP }, gad)).toThrow('GAD');
});
