/** Conditions on volumes that a Cinder takes over: every word of them, and doubt. */
import { arrayPredicates } from '../../lib/vsp/predicates.ts';

const plain = {
  ...{ ldevId: 7, status: 'NML', emulationType: 'OPEN-V-CVS', blockCapacity: 2_097_152 },
  ...{ attributes: ['CVS', 'HDP'], numOfPorts: 0, numOfUsedBlock: 0 },
};
const size = { ldev: 7, blocks: 2_097_152 };
const holds = (name: string, body: unknown, args: unknown): boolean | undefined =>
  arrayPredicates[name]?.(body, args).holds;

/** What is seen, and whether it is empty, adoptable, whole. */
test.each<[string, object, [boolean, boolean, boolean]]>([
  ['a new volume', plain, [true, true, true]],
  ['one that was written to', { ...plain, numOfUsedBlock: 1 }, [false, true, true]],
  ['one that does not say', { ...plain, numOfUsedBlock: undefined }, [false, true, true]],
  ['one with a path', { ...plain, numOfPorts: 1 }, [false, false, true]],
  ['one that hides its paths', { ...plain, numOfPorts: undefined }, [false, false, true]],
  ['a taken S-VOL', { ...plain, attributes: ['CVS', 'HDP', 'HORC'] }, [false, false, false]],
  ['a copied volume', { ...plain, attributes: ['CVS', 'HDP', 'MRCF'] }, [false, false, false]],
  ['half of a clone', { ...plain, attributes: ['CVS', 'HDP', 'HTI'] }, [false, false, false]],
  ['one without words', { ...plain, attributes: undefined }, [false, false, false]],
  ['a blocked one', { ...plain, status: 'BLK' }, [false, false, false]],
  ['another size', { ...plain, blockCapacity: 1 }, [false, false, true]],
  ['another number', { ...plain, ldevId: 8 }, [false, false, false]],
])('%s', (_, seen, wanted) => {
  expect([
    holds('ldev-empty', seen, size),
    holds('ldev-adoptable', seen, size),
    holds('ldev-whole', seen, { ldev: 7 }),
  ]).toEqual(wanted);
});

test('a number is free when the array says so, and only then', () => {
  const free = { ldevId: 7, emulationType: 'NOT DEFINED' };
  expect(holds('ldev-undefined', free, { ldev: 7 })).toBe(true);
  expect(holds('ldev-undefined', free, { ldev: 8 })).toBe(false);
  expect(holds('ldev-undefined', { ldevId: 7 }, { ldev: 7 })).toBe(false);
  expect(holds('ldev-undefined', plain, { ldev: 7 })).toBe(false);
});
