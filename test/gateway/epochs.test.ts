/** Who holds a protection unit is on the gateway's disk, and only two people can change it. */
import { setTimeout as breathe } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { hashOf } from '../../lib/canonical.ts';
import type { Plan } from '../../lib/runbook/plan.ts';
import { drillPlan } from './plan.ts';
import { codeOf, type House, openHouse, statementsOf } from './support.ts';

const failoverPlan = (): Plan => drillPlan({ run: 'r-0000000002', drillType: 'real-disaster' });

async function registered(house: House, plan: Plan): Promise<string> {
  await house.gateway.register({ plan, runbook: 'runbook: x', config: {} });
  return hashOf(plan);
}

/** A second plan for the same unit, approved here. */
async function approved(house: House, plan: Plan): Promise<string> {
  const planHash = await registered(house, plan);
  const statements = statementsOf({ ...house, plan, planHash });
  await house.gateway.approve({ planHash, statements });
  return planHash;
}

const announce = (house: House, planHash: string, of: { run: string; epoch: number }) =>
  house.gateway.announce({ unit: house.plan.unit, planHash, ...of });

describe('POST /v1/epochs', () => {
  test('a newer holder: nothing more of the old one is accepted, cleaning up included', async () => {
    const house = openHouse();
    await house.approve();
    await announce(house, house.planHash, { run: house.plan.run, epoch: 1 });
    await house.done('split.group');
    const plan = failoverPlan();
    const planHash = await approved(house, plan);
    const told = { run: plan.run, epoch: 2 };
    expect(await announce(house, planHash, told)).toEqual({ unit: plan.unit, ...told });
    for (const call of ['boot.release', 'resync.group']) {
      expect(await codeOf(house.put(call))).toBe('GW-EPOCH');
    }
    expect((await house.gateway.health()).epochs?.[plan.unit]).toEqual({
      ...told,
      drillType: 'real-disaster',
    });
  });

  test('it survives kill -9, and telling it twice is fine', async () => {
    const house = openHouse();
    const plan = failoverPlan();
    await house.approve();
    const planHash = await approved(house, plan);
    await announce(house, planHash, { run: plan.run, epoch: 2 });
    const lines = house.disk.lines.length;
    await announce(house, planHash, { run: plan.run, epoch: 2 });
    expect(house.disk.lines).toHaveLength(lines);
    house.restart();
    expect(await codeOf(house.put('split.group'))).toBe('GW-EPOCH');
    expect((await house.gateway.health()).epochs?.[plan.unit]?.run).toBe(plan.run);
  });

  test('epochs never fall, and one epoch belongs to one run', async () => {
    const house = openHouse();
    const plan = failoverPlan();
    await house.approve();
    const planHash = await approved(house, plan);
    await announce(house, house.planHash, { run: house.plan.run, epoch: 3 });
    for (const epoch of [1, 2, 3]) {
      expect(await codeOf(announce(house, planHash, { run: plan.run, epoch }))).toBe('GW-EPOCH');
    }
    expect(await codeOf(house.put('split.group', { epoch: 2 }))).toBe('GW-EPOCH');
    expect((await house.put('split.group', { epoch: 3 })).state).toBe('accepted');
  });

  test('nobody stops a run without an approved plan of that run and unit', async () => {
    const house = openHouse();
    const plan = failoverPlan();
    await house.approve();
    const run = { run: plan.run, epoch: 2 };
    expect(await codeOf(announce(house, hashOf(plan), run))).toBe('GW-PLAN-UNKNOWN');
    const planHash = await registered(house, plan);
    expect(await codeOf(announce(house, planHash, run))).toBe('GW-NOT-APPROVED');
    await approved(house, plan);
    const lies = [
      { ...run, run: house.plan.run },
      { ...run, unit: 'another unit' },
    ];
    for (const lie of lies) {
      const body = { unit: plan.unit, planHash, ...lie };
      expect(await codeOf(house.gateway.announce(body))).toBe('GW-EPOCH-PLAN');
    }
    expect((await house.put('split.group')).state).toBe('accepted');
  });

  test('an announcement that waits for the disk is in force already', async () => {
    const house = openHouse();
    const plan = failoverPlan();
    await house.approve();
    const planHash = await approved(house, plan);
    // The disk never comes back to the announcement.
    house.restart({ dieAt: 1 });
    void announce(house, planHash, { run: plan.run, epoch: 2 });
    await house.disk.died;
    const waited = breathe(500).then(() => 'still waits');
    expect(await Promise.race([codeOf(house.put('split.group')), waited])).toBe('GW-EPOCH');
  });
});
