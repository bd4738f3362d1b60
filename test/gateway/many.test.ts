/** A plan of many calls: the ten-thousandth is looked at as quickly as the first. */
import { expect, test } from '@jest/globals';
import { calls, drillPlan } from './plan.ts';
import { openHouse } from './support.ts';

const COUNT = Number(process.env['DRILLBOOK_ITEMS'] ?? 100);

test(`${COUNT} calls of one plan, each sent once`, async () => {
  const many = Array.from({ length: COUNT }, (_, i) => ({
    ...calls.release,
    ...{ id: `boot.release-${i}`, after: ['split.group'], guards: [] },
  }));
  const house = openHouse({ plan: drillPlan({ calls: [calls.split, ...many, calls.foreign] }) });
  await house.register();
  await house.approve();
  await house.done('split.group');
  const began = performance.now();
  for (const { id } of many) {
    expect(await house.done(id)).toMatchObject({ state: 'answered' });
  }
  const took = performance.now() - began;
  expect(house.site.accepted.filter((one) => one.endsWith('/action'))).toHaveLength(COUNT);
  if (process.env['DRILLBOOK_ITEMS']) process.stdout.write(`${COUNT}: ${Math.round(took)} ms\n`);
}, 600_000);
