/** Hazards that no state of an array excuses: a plan cannot hold them, and a gateway sends none of them. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Action, DraftCall } from '../../lib/actions/action.ts';
import { actions } from '../../lib/actions/index.ts';
import { callKey } from '../../lib/gateway/keys.ts';
import { compile } from '../../lib/runbook/compile.ts';
import { loadRunbook } from '../../lib/runbook/load.ts';
import type { Guard, Plan } from '../../lib/runbook/plan.ts';
import { hazardText } from '../../lib/vsp/hazards.ts';
import { isCached } from '../../lib/vsp/never.ts';
import { configOf, openLab } from '../actions/lab.ts';
import { callAt, openPair, remoteGroup } from '../gateway/pair.ts';
import { folderOf, lee, ownStatement, park } from '../gateway/people.ts';
import { drillPlan, ids, planWith, restorePlan } from '../gateway/plan.ts';
import { gatewayFolder, type House, openHouse } from '../gateway/support.ts';

const ARRAY = `array:${ids.array}`;
const OBJECTS = `/v1/objects/storages/${ids.array}`;
const CLASS = `${OBJECTS}/ldevs/1201?detailInfoType=class`;

/** All that was said of a refusal. */
const saidOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'was not refused',
    (error: object) => JSON.stringify({ ...error, message: String(error) }),
  );

describe('a plan', () => {
  const lab = openLab();

  /** The copies made to follow again, by an action that writes its call otherwise. */
  async function compiledWith(change: (draft: DraftCall) => DraftCall): Promise<Plan> {
    const source = readFileSync('runbooks/copies-resync.yml', 'utf8');
    const facts = await lab.facts();
    const found = actions.get('clone/resync');
    if (found === undefined) throw new Error('no clone/resync');
    const plan: Action['plan'] = (given, context) => found.plan(given, context).map(change);
    return compile({
      run: 'r-0123456789',
      runbook: loadRunbook({ file: 'mine.yml', text: source }),
      source,
      service: lab.service,
      config: configOf(lab),
      facts,
      actions: new Map([...actions, ['clone/resync', { ...found, plan }]]),
    });
  }

  test('does not put a local copy back over its source (hazard 10)', async () => {
    expect((await compiledWith((draft) => draft)).calls).toHaveLength(1);
    const back = compiledWith((draft) => ({
      ...draft,
      path: draft.path.replace('/resync/', '/restore/'),
    }));
    expect(await saidOf(back)).toContain(hazardText(10));
  });

  test('reads no state from a cache (hazard 12)', async () => {
    const cached = compiledWith(({ guards = [], ...draft }) => ({
      ...draft,
      guards: guards.map(
        (guard): Guard => ({ ...guard, path: `${guard.path}?detailInfoType=class` }),
      ),
    }));
    expect(await saidOf(cached)).toContain(hazardText(12));
  });

  test('asks no gateway for a session of an array that it has not (hazard 13)', async () => {
    const id = `${ids.array},G,L_,R_`;
    const stray = compiledWith((draft) => ({
      ...draft,
      path: `${draft.path.split('/local-clone')[0]}/remote-mirror-copygroups/${id}/actions/resync/invoke`,
      body: { parameters: { replicationType: 'UR' } },
    }));
    expect(await saidOf(stray)).toContain(hazardText(13));
  });
});

test.each<[string, boolean]>([
  ['/v1/objects/ldevs/1?detailInfoType=class', true],
  ['/v1/objects/ldevs?count=2&detailInfoType=FMC,class', true],
  ['/v1/objects/local-clone-copypairs?localCloneCopyGroupId=G,P,S', true],
  ['/v1/objects/local-clone-copypairs', true],
  ['/v1/objects/local-clone-copypairs?localCloneCopyGroupId=G,P,S&refresh=true', false],
  ['/v1/objects/local-clone-copygroups/G,P,S', false],
  ['/v1/objects/ldevs/1', false],
  ['/v1/objects/ldevs?detailInfoType=qos', false],
])('%s is answered from a cache: %s', (path, cached) => {
  expect(isCached(path)).toBe(cached);
});

describe('a gateway', () => {
  async function openRestore(attributes: readonly string[] | undefined): Promise<House> {
    const house = openHouse({ plan: restorePlan(), folder: folderOf() });
    const { planHash } = house;
    await house.register();
    const statements = [ownStatement(house, lee), ownStatement(house, park)];
    await house.gateway.approve({ planHash, statements });
    await house.done('split.group');
    house.site.onRead = ({ url }) =>
      url.endsWith('/ldevs/1201')
        ? {
            status: 200,
            headers: { 'x-simulator': 'true' },
            body: JSON.stringify({ ldevId: 1201, attributes }),
          }
        : undefined;
    return house;
  }

  test.each<[readonly string[] | undefined]>([
    [['CVS', 'HDP', 'HORC', 'MRCF']],
    [['CVS', 'HDP', 'GAD']],
    [undefined],
  ])(
    'puts no copy back over a source of %j, whatever was signed (hazard 10)',
    async (attributes) => {
      const house = await openRestore(attributes);
      const said = await saidOf(house.put('back.restore'));
      expect(said).toMatch(/GW-HAZARD.*LDEV 1201/);
      expect(said).toContain(hazardText(10));
      expect(house.site.accepted).toHaveLength(1);
    },
  );

  test('believes no cache, in a guard or for whoever asks (hazard 12)', async () => {
    const guard = { id: 'g', target: ARRAY, path: CLASS, predicate: 'only-pair-path', args: {} };
    const house = openHouse({ plan: planWith('split.group', { guards: [guard] }) });
    expect(await saidOf(house.register())).toContain(hazardText(12));
    expect(await saidOf(house.gateway.read(ARRAY, CLASS))).toContain(hazardText(12));
    expect(house.site.asked).toEqual([]);
  });

  test('lends a session of its own array only (hazard 13)', async () => {
    const swap = callAt('dr', {
      ...{ id: 'swap.resync', step: 'swap', class: 'takeover' },
      path: remoteGroup('dr', 'whole', 'resync').replace(ids.mainArray, '900000040099'),
      body: { parameters: { replicationType: 'UR', doSwapSvol: true } },
    });
    const plan = drillPlan({ class: 'takeover', calls: [swap] });
    const house = openPair();
    await house.open(plan);
    const key = callKey({ run: plan.run, callId: swap.id, attempt: 1 });
    const said = await saidOf(house.gateways.dr.put(key, house.body(plan, swap.id)));
    expect(said).toMatch(/GW-GRANT-REFUSED.*GW-LEND/);
    expect(said).toContain(hazardText(13));
    expect(house.changes('dr')).toEqual([]);
  });

  test.each<[true | undefined, string]>([
    [undefined, 'a simulated array answers'],
    [true, 'a real array answers'],
  ])(
    'with simulated: %s in gateway.yml nothing is sent when %s (hazard 15)',
    async (simulated, what) => {
      const base = gatewayFolder();
      const [array] = base.settings.arrays;
      if (array === undefined) throw new Error('no array');
      const { simulated: _simulated, ...real } = array;
      const one = simulated === undefined ? real : { ...real, simulated };
      const house = openHouse({
        folder: { ...base, settings: { ...base.settings, arrays: [one] } },
      });
      if (simulated === true) {
        const body = JSON.stringify({ token: 'a-token', sessionId: 7 });
        house.site.onLogin = () => ({ status: 200, headers: {}, body });
      }
      await house.approve();
      const said = await saidOf(house.put('split.group'));
      expect(said).toMatch(new RegExp(`GW-HAZARD.*${what}`));
      expect(said).toContain(hazardText(15));
      expect(await saidOf(house.gateway.read(ARRAY, `${OBJECTS}/ldevs/1`))).toContain(what);
      expect(house.site.accepted).toEqual([]);
    },
  );
});
