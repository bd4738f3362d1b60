/** A call that both arrays must let in: one gateway sends it, the other one grants and lends. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { signStatement } from '../../lib/approval/statement.ts';
import { hashOf } from '../../lib/canonical.ts';
import { callKey, fingerprint } from '../../lib/gateway/keys.ts';
import type { Asked } from '../../lib/gateway/protocol.ts';
import type { LocalFolder } from '../../lib/local/folder.ts';
import type { Plan } from '../../lib/runbook/plan.ts';
import { callAt } from '../gateway/pair.ts';
import { drillPlan } from '../gateway/plan.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { entriesAt } from '../support/epochs.ts';
import { changesAt } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

/** On the twin one user has every role; a real site names one that may do nothing else. */
function lend({ gateway }: LocalFolder): void {
  const file = join(gateway('dr'), 'gateway.yml');
  const settings = parse(readFileSync(file, 'utf8'));
  const [array] = settings.arrays;
  array.lend = { user: array.user, password: array.password };
  writeFileSync(file, stringify(settings), { mode: 0o600 });
}

const GROUP = 'remote-mirror-copygroups/900000040015,PAY01,PAY01P_,PAY01S_';
const split = callAt('main', {
  ...{ id: 'part.split', step: 'part', target: 'array:900000040014' },
  path: `/v1/objects/storages/900000040014/${GROUP}/actions/split/invoke`,
  body: { parameters: { replicationType: 'UR' } },
});
const plan: Plan = drillPlan({ class: 'data', calls: [split] });

async function approvedAt(sites: readonly string[]): Promise<void> {
  const people = ['lee', 'park'].map((handle) => {
    const file = join(bank.folder.keys, 'people', `${handle}.pem`);
    const id = bank.config.people.find((one) => one.handle === handle)?.id ?? '';
    return { id, privateKey: readFileSync(file, 'utf8') };
  });
  const statements = people.map(({ id, privateKey }) =>
    signStatement(
      {
        ...{ v: 1, run: plan.run, planHash: hashOf(plan), factsHash: plan.factsHash },
        ...{ decision: 'approve', person: id, role: 'dr-approver', class: 'data' },
        ...{ gateways: ['main', 'dr'], notAfter: bank.clock.now() + 3_600_000 },
        nonce: hashOf(id),
      },
      { keyId: fingerprint(privateKey), privateKey },
    ),
  );
  for (const site of sites) {
    const gateway = bank.worker.engine.gateways.get(site);
    await gateway?.register({ plan, runbook: 'runbook: x', config: {} });
    await gateway?.approve({ planHash: hashOf(plan), statements });
  }
}

async function putSplit(attempt = 1): Promise<Asked | undefined> {
  const gateway = bank.worker.engine.gateways.get('main');
  const key = callKey({ run: plan.run, callId: split.id, attempt });
  const putBy = bank.clock.now() + 30_000;
  const body = { planHash: hashOf(plan), callId: split.id, attempt, epoch: 1, putBy };
  await gateway?.put(key, body);
  for (let i = 0; i < 50; i++) {
    const asked = await gateway?.ask(key);
    if (asked?.state !== 'busy') return asked;
    await bank.clock.sleep(100);
  }
  return undefined;
}

it('is taken by the array with the session that the other gateway lent for it', async () => {
  bank = await openBank();
  await bank.restartGateway('dr', () => lend(bank.folder));
  await approvedAt(['main', 'dr']);
  const asked = await putSplit();
  expect(asked?.receipt).toMatchObject({ status: 202, grant: { site: 'dr', to: 'main' } });
  expect(changesAt(bank, 'main')).toHaveLength(1);
  expect(entriesAt(bank, 'dr').filter(({ type }) => type === 'grant')).toHaveLength(1);
});

it('is not sent while the other gateway is away, or does not know what people approved', async () => {
  bank = await openBank();
  await approvedAt(['main']);
  await expect(putSplit()).rejects.toMatchObject({ code: 'GW-GRANT-REFUSED' });
  bank.killGateway('dr');
  await expect(putSplit()).rejects.toMatchObject({ code: 'GW-ISOLATED' });
  expect(changesAt(bank, 'main')).toEqual([]);
});

it('is not granted by a gateway that has nobody whose session it could lend', async () => {
  bank = await openBank({
    installed: (folder) => {
      const file = join(folder.gateway('dr'), 'gateway.yml');
      const { arrays, ...settings } = parse(readFileSync(file, 'utf8'));
      const [{ lend: _lend, ...array }] = arrays;
      writeFileSync(file, stringify({ ...settings, arrays: [array] }));
    },
  });
  await approvedAt(['main', 'dr']);
  await expect(putSplit()).rejects.toMatchObject({ code: 'GW-GRANT-REFUSED' });
  expect(changesAt(bank, 'main')).toEqual([]);
});
