/** People with keys of their own, and what they sign. */
import { signStatement } from '../../lib/approval/statement.ts';
import { fingerprint } from '../../lib/gateway/keys.ts';
import { type Order, type OrderSignature, signOrder } from '../../lib/gateway/orders.ts';
import type { SignedStatement, Statement } from '../../lib/gateway/protocol.ts';
import type { GatewayFolder } from '../../lib/gateway/server/settings.ts';
import type { Trust } from '../../lib/gateway/trust.ts';
import type { Plan } from '../../lib/runbook/plan.ts';
import { calls, drillPlan } from './plan.ts';
import { gatewayFolder, type House, newPair, type Pair } from './support.ts';

export const [lee, park, kim, mallory] = ['p-00000001', 'p-00000002', 'p-00000003', 'p-0000000f'];
const pairs: Readonly<Record<string, Pair>> = Object.fromEntries(
  [lee, park, kim, mallory].map((id) => [id, newPair()]),
);
export const pairOf = (id: string): Pair => pairs[id] ?? newPair();
export const keyId = (id: string): string => fingerprint(pairOf(id).publicKey);

/** Lee and Park approve and look after the trust; Kim operates; Mallory is nobody. */
export function trustOf(change: Partial<Trust> = {}): Trust {
  const { trust } = gatewayFolder();
  return {
    ...trust,
    officers: 'dr-approver',
    people: trust.people.map((person) => ({
      ...person,
      keys: [{ id: keyId(person.id), publicKey: pairOf(person.id).publicKey }],
    })),
    ...change,
  };
}

export const folderOf = (change: Partial<Trust> = {}): GatewayFolder => ({
  ...gatewayFolder(),
  trust: trustOf(change),
});

/** A restore: what was copied comes back, so it is of class `data`. */
export const dataPlan = (): Plan => {
  const path = calls.split.path.replace('split', 'restore');
  return drillPlan({ class: 'data', calls: [{ ...calls.split, path, class: 'data' }] });
};

type Whose = Pick<House, 'plan' | 'planHash' | 'clock'>;

/** Signed by the person whose key `by` is; that is the person who speaks unless said otherwise. */
export function ownStatement(
  { plan, planHash, clock }: Whose,
  person: string,
  { by = person, ...change }: Partial<Statement> & { by?: string } = {},
): SignedStatement {
  const statement: Statement = {
    v: 1,
    run: plan.run,
    planHash,
    factsHash: plan.factsHash,
    decision: 'approve',
    person,
    role: 'dr-approver',
    class: plan.class,
    gateways: ['main', 'dr'],
    notAfter: clock.now() + plan.approval.expiresMs,
    nonce: 'ab'.repeat(16),
    ...change,
  };
  return signStatement(statement, { keyId: keyId(by), privateKey: pairOf(by).privateKey });
}

export const signedBy = (order: Order, person: string, by = person): OrderSignature =>
  signOrder(order, { person, key: keyId(by), privateKey: pairOf(by).privateKey });
