/** Order, where a step was skipped or may fail: the gateway knows what the approved plan allows (rule 11). */
import type { PlanCall } from '../../lib/runbook/plan.ts';
import { lee, park } from './people.ts';
import { calls, drillPlan } from './plan.ts';
import { codeOf, type House, openHouse, statementsOf } from './support.ts';

const { split, release } = calls;
const port: PlanCall = { ...calls.port, step: 'plug', id: 'plug.port', after: ['boot.release'] };
const title = { ko: '단계', en: 'step' };
const step = (id: string, more: object = {}) => ({
  ...{ id, uses: 'test/step', title, phase: 'forward', input: {}, needs: [], withinMs: 1 },
  ...more,
});

/** split, then boot, then plug; `more` is what the plan says of boot. */
function openChain(more: object = {}): House {
  const steps = [step('split'), step('boot', more), step('plug')];
  const plan = { ...drillPlan({ calls: [split, release, port] }), steps };
  return openHouse({ plan: plan as ReturnType<typeof drillPlan> });
}

test('behind a skipped step stands what that step waited for', async () => {
  const house = openChain();
  await house.approve();
  const statements = statementsOf(house, { decision: 'skip', step: 'boot' }, [lee, park]);
  await house.gateway.skip({ planHash: house.planHash, step: 'boot', statements });
  expect(await codeOf(house.put('plug.port'))).toBe('GW-AFTER');
  await house.done('split.group');
  expect((await house.done('plug.port')).state).toBe('answered');
});

test('what the plan lets fail lets go what follows, and is not sent behind its back', async () => {
  const house = openChain({ onFailure: 'continue' });
  await house.approve();
  await house.done('split.group');
  expect((await house.done('plug.port')).state).toBe('answered');
  expect(await codeOf(house.put('boot.release'))).toBe('GW-AFTER');
  house.restart();
  expect(await codeOf(house.put('boot.release'))).toBe('GW-AFTER');
});

test('without that in the plan a step that was turned down lets nothing go', async () => {
  const house = openChain();
  await house.approve();
  await house.done('split.group');
  expect(await codeOf(house.put('plug.port'))).toBe('GW-AFTER');
});
