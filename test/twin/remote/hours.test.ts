/** Hours that nobody looked into leave what they leave when somebody looks every minute. */
import { hold } from '../../../lib/twin/array/remote/strikes.ts';
import { act, journal, plan, type Rig, rig, state, threeCentres } from './support.ts';

const UR = { replicationType: 'UR' };
const groupOf = (r: Rig, name: string) => {
  const group = r.fabric.group(name);
  if (group === undefined) throw new Error(`no group ${name}`);
  return group;
};

it.each([
  ['at once', 18_000],
  ['by the minute', 60],
])('hosts that a fence stopped fill no other journal, %s', async (_, step) => {
  const r = await rig(threeCentres('DATA'));
  r.fabric.link('main', 'far').bandwidth(1, r.clock.now());
  r.fabric.link('main', 'dr').cut(true, r.clock.now());
  r.fabric.link('dr', 'main').cut(true, r.clock.now());
  for (let left = 18_000; left > 0; left -= step) {
    r.clock.advance(step * 1000);
    r.fabric.settle(r.clock.now());
  }
  expect(groupOf(r, 'CG').state.pairs[0]).toMatchObject({ p: 'PSUE', s: 'PAIR' });
  expect(groupOf(r, 'FAR').state.pairs[0]).toMatchObject({ p: 'PAIR', s: 'PAIR' });
});

it('a takeover that still restores when main is back ends in states that both agree on', async () => {
  const r = await rig();
  hold(groupOf(r, 'CG'), { flow: 'restore', on: true }, r.clock.now());
  r.pass(30);
  r.fabric.alive('main', false, r.clock.now());
  r.pass(10);
  await act(r, ['dr', 'takeover'], { mode: 'forceSplit' }, { form: 'local' });
  r.fabric.alive('main', true, r.clock.now());
  r.pass(5);
  expect(await state(r)).toBe('PAIR/PAIR');
  hold(groupOf(r, 'CG'), { flow: 'restore', on: false }, r.clock.now());
  r.pass(60);
  expect(await state(r)).toBe('PSUS/SSWS');
  const back = await act(r, ['dr', 'resync'], { ...UR, doSwapSvol: true });
  expect(back.body.state).toBe('Succeeded');
});

it('an exchange of roles that main did not live to see leaves its P-VOLs open', async () => {
  const r = await rig();
  hold(groupOf(r, 'CG'), { flow: 'restore', on: true }, r.clock.now());
  r.pass(20);
  await act(r, ['dr', 'takeover'], { mode: 'auto' }, { form: 'local' });
  expect(r.writers.runs('app')).toBe(false);
  r.fabric.alive('main', false, r.clock.now());
  await act(r, ['dr', 'takeover'], { mode: 'forceSplit' }, { form: 'local' });
  hold(groupOf(r, 'CG'), { flow: 'restore', on: false }, r.clock.now());
  r.pass(60);
  r.fabric.alive('main', true, r.clock.now());
  expect(await state(r)).toBe('PSUS/SSWS');
  r.main.port.write(1000);
  expect(r.writers.runs('app')).toBe(true);
});

it('the markers of a mirror whose roles were exchanged are a new row', async () => {
  const r = await rig(plan());
  const marker = async (site: 'main' | 'dr') =>
    Number.parseInt((await journal(r, site))['qMarker'] ?? '', 16);
  const before = await marker('main');
  await act(r, ['dr', 'takeover'], { mode: 'auto' }, { form: 'local' });
  r.pass(5);
  expect(groupOf(r, 'CG').direction.from).toBe('dr');
  expect(Math.abs((await marker('dr')) - before)).toBeGreaterThan(1_000_000);
});
