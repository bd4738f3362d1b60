/** What a witness may say for a person, and what only the person can say (rules 1 and 11). */
import { hashOf } from '../../lib/canonical.ts';
import type { SignedStatement } from '../../lib/gateway/protocol.ts';
import {
  dataPlan,
  folderOf,
  kim,
  lee,
  mallory,
  ownStatement,
  pairOf,
  park,
  trustOf,
} from './people.ts';
import { restorePlan } from './plan.ts';
import { codeOf, type House, openHouse, statementsOf } from './support.ts';

const dataHouse = (): House => openHouse({ plan: dataPlan(), folder: folderOf() });

async function covered(house: House, statements: readonly SignedStatement[]): Promise<string> {
  await house.register();
  const { planHash } = house;
  return house.gateway.approve({ planHash, statements: [...statements] }).then(
    (answer) => answer.covered,
    (error: { code?: string }) => error.code ?? String(error),
  );
}

describe('a plan of class data', () => {
  test('is covered by two people who signed themselves', async () => {
    const house = dataHouse();
    expect(await covered(house, [ownStatement(house, lee), ownStatement(house, park)])).toBe(
      'data',
    );
  });

  test('is not covered by clicks, nor by one signature and one click', async () => {
    const house = dataHouse();
    const clicks = statementsOf(house, { class: 'data' });
    expect(await covered(house, clicks)).toBe('copy');
    const [click] = statementsOf(house, { class: 'data' }, [park]);
    const mixed = [ownStatement(house, lee), ...(click === undefined ? [] : [click])];
    expect(await covered(house, mixed)).toBe('copy');
    expect(await codeOf(house.put('split.group'))).toBe('GW-NOT-APPROVED');
    expect(house.site.accepted).toHaveLength(0);
  });

  test('is not covered by one person with two keys', async () => {
    const [second] = trustOf().people.map(({ keys }) => keys?.[0]);
    const people = trustOf().people.map((person) =>
      person.id === park ? { ...person, keys: [...(second ? [] : [])] } : person,
    );
    const house = openHouse({ plan: dataPlan(), folder: folderOf({ people }) });
    const both = [ownStatement(house, lee), ownStatement(house, lee, { nonce: 'cd'.repeat(16) })];
    expect(await covered(house, both)).toBe('GW-APPROVAL-PEOPLE');
  });

  test.each([
    ['with the key of somebody else', { by: park }],
    ['with the key of a stranger', { by: mallory }],
  ])('is not covered %s', async (_name, { by }) => {
    const house = dataHouse();
    const forged = ownStatement(house, lee, { by });
    expect(await covered(house, [forged, ownStatement(house, park)])).toBe('GW-APPROVAL-WITNESS');
  });

  test('is not covered by who holds another role, or signs for less', async () => {
    const house = dataHouse();
    const operator = ownStatement(house, kim);
    expect(await covered(house, [operator, ownStatement(house, park)])).toBe('GW-APPROVAL-PERSON');
    const less = ownStatement(house, lee, { class: 'copy' });
    expect(await covered(house, [less, ownStatement(house, park)])).toBe('copy');
  });
});

test('who was taken out of trust.yml before the first call does not count, and then the run goes on', async () => {
  const folder = folderOf();
  const house = openHouse({ folder });
  await house.approve();
  const without = (id: string) => ({
    ...folder,
    trust: trustOf({ people: trustOf().people.filter((person) => person.id !== id) }),
  });
  const before = openHouse({ folder: without(park), disk: house.disk });
  expect(await codeOf(before.put('split.group'))).toBe('GW-NOT-APPROVED');
  const again = openHouse({ folder, disk: house.disk });
  await again.done('split.group');
  const after = openHouse({ folder: without(park), disk: house.disk });
  expect((await after.done('boot.release')).state).toBe('answered');
});

describe('a wave', () => {
  const list = (house: House) => [
    { run: 'r-other', planHash: 'e'.repeat(64) },
    { run: house.plan.run, planHash: house.planHash },
  ];
  const inWave = (house: House, wave: ReturnType<typeof list>) => {
    const planHash = hashOf(wave);
    return statementsOf(house, { wave, planHash, factsHash: planHash, run: 'w-1' });
  };

  test('covers each plan that stands in the list people signed', async () => {
    const house = openHouse();
    expect(await covered(house, inWave(house, list(house)))).toBe('copy');
  });

  test('covers no plan that is not in it, stands twice, or was changed since', async () => {
    const house = openHouse();
    const [other, own] = list(house);
    if (other === undefined || own === undefined) throw new Error('a list of two');
    for (const wave of [[other], [own, own], [other, { ...own, planHash: 'f'.repeat(64) }]]) {
      expect(await covered(house, inWave(house, wave))).toBe('GW-APPROVAL-OTHER');
    }
    const longer = inWave(house, [other]).map((one) => ({
      ...one,
      statement: { ...one.statement, wave: [other, own] },
    }));
    expect(await covered(house, longer)).toBe('GW-APPROVAL-WITNESS');
  });
});

describe('a skip', () => {
  const step = 'boot';
  const skips = (house: House, change: object = {}, people: readonly string[] = [lee, park]) =>
    house.gateway.skip({
      planHash: house.planHash,
      step,
      statements: statementsOf(house, { decision: 'skip', step, ...change }, people),
    });

  test('by two people lets go what comes after, and what was skipped is never sent', async () => {
    const house = openHouse();
    await house.approve();
    expect(await skips(house)).toEqual({ step });
    expect(await skips(house)).toEqual({ step });
    await house.done('split.group');
    expect(await codeOf(house.put('boot.release'))).toBe('GW-SKIP');
    house.restart();
    expect(await codeOf(house.put('boot.release'))).toBe('GW-SKIP');
  });

  test.each<[string, object, readonly string[], string]>([
    ['by one person', {}, [lee], 'GW-SKIP'],
    ['by one person twice', { person: lee }, [lee, park], 'GW-SKIP'],
    ['of another step', { step: 'split' }, [lee, park], 'GW-APPROVAL-OTHER'],
    ['that is an approval', { decision: 'approve' }, [lee, park], 'GW-APPROVAL-OTHER'],
    ['of another plan', { planHash: 'f'.repeat(64) }, [lee, park], 'GW-APPROVAL-OTHER'],
    ['by a stranger', {}, [lee, mallory], 'GW-APPROVAL-PERSON'],
    ['past its time', { notAfter: 1 }, [lee, park], 'GW-APPROVAL-EXPIRED'],
  ])('%s does not count', async (_name, change, people, code) => {
    const house = openHouse();
    await house.approve();
    expect(await codeOf(skips(house, change, people))).toBe(code);
  });

  test('comes too late once a call of the step was accepted', async () => {
    const house = openHouse();
    await house.approve();
    await house.done('split.group');
    await house.done('boot.release');
    expect(await codeOf(skips(house))).toBe('GW-SKIP');
    expect(
      await codeOf(house.gateway.skip({ planHash: house.planHash, step: 'no', statements: [] })),
    ).toBe('GW-SKIP');
  });

  test('of what stands before class data takes two own keys, one of an approver', async () => {
    const house = openHouse({ plan: restorePlan(), folder: folderOf() });
    await house.register();
    const skip = (statements: SignedStatement[]) =>
      codeOf(house.gateway.skip({ planHash: house.planHash, step: 'split', statements }));
    const own = (person: string, change: object = {}) =>
      ownStatement(house, person, { decision: 'skip', step: 'split', ...change });
    const clicks = statementsOf(house, { decision: 'skip', step: 'split', class: 'data' });
    expect(await skip(clicks)).toBe('GW-SKIP');
    expect(await skip([own(kim, { role: 'operator' }), ...clicks.slice(0, 1)])).toBe('GW-SKIP');
    expect(await skip([own(kim, { role: 'operator' }), own(park)])).toBe('was not refused');
  });
});

test('the same statement signed twice has the same bytes', () => {
  const house = openHouse();
  expect(ownStatement(house, lee)).toEqual(ownStatement(house, lee));
  expect(ownStatement(house, lee).signature).not.toBe(ownStatement(house, park).signature);
  expect(pairOf(lee).privateKey).toContain('PRIVATE KEY');
});
