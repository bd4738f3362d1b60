/** What is seen of hosts that are forced down and of servers that go on elsewhere, call by call. */
import type * as z from 'zod';
import type { ServerSpec } from '../../config.ts';
import { type computesSchema, HOST, type Server } from '../../openstack/schema.ts';
import { powerOf, statusText } from '../../openstack/servers.ts';
import type { Verdict } from '../../run/verdict.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { GadHalf } from '../../vsp/gad.ts';
import type { StepView } from '../action.ts';
import { gadFault } from '../gad/survive.ts';
import { type Effect, judgeCall, maySent } from '../judging.ts';
import { unproved } from '../proof.ts';
import type { Seen } from '../reads.ts';
import { survivorOf } from '../replicas.ts';
import type { ServersSeen } from './live.ts';

export interface Evacuation {
  readonly computes: Seen<z.infer<typeof computesSchema>>;
  readonly servers: ServersSeen;
  readonly half: Seen<GadHalf>;
}

interface Given {
  readonly servers: readonly ServerSpec[];
  readonly proof: string;
}

export function judgeEvacuation(
  seen: Evacuation,
  given: Given,
  view: StepView,
): Record<string, Verdict> {
  return Object.fromEntries(
    view.calls.map((call) => {
      const effect = effectOf(call, seen, { given, view });
      const mine = view.mine[call.id];
      const before = 'It was so before this step, and not by this run.';
      return [call.id, judgeCall({ call, mine, now: view.now, effect, before })];
    }),
  );
}

interface Seat {
  readonly given: Given;
  readonly view: StepView;
}

function effectOf(call: PlanCall, seen: Evacuation, seat: Seat): Effect {
  const { hosts, servers } = survivorOf(seat.view.plan.facts);
  const host = hosts.find(({ id }) => call.path.endsWith(`/${id}`));
  const server = servers.find(({ id }) => call.path === `/servers/${id}/action`);
  const effect =
    host !== undefined
      ? hostEffect(host.name, seen)
      : serverEffect(
          server,
          seen.servers,
          hosts.map(({ name }) => name),
        );
  if (effect.seen !== 'absent' || maySent(seat.view.mine[call.id])) return effect;
  return heldBack(seen, seat) ?? waits(server?.name, seen, seat) ?? effect;
}

function hostEffect(name: string, { computes }: Evacuation): Effect {
  if (!computes.ok) return { seen: 'unknown', why: computes.why };
  const found = computes.value.services.filter(({ host }) => host === name);
  const [one] = found;
  if (one === undefined || found.length > 1) {
    return { seen: 'broken', why: `Nova knows ${found.length} compute services of ${name}.` };
  }
  const reading = { host: name, state: one.state, forcedDown: one.forced_down ?? null };
  if (one.forced_down === true) return { seen: 'there', reading };
  if (one.state === 'down') return { seen: 'absent', reading };
  const why = `${name} still reports to Nova (${one.state}). See that it is off; this waits.`;
  return { seen: 'blocked', why, reading };
}

function serverEffect(
  server: { readonly name: string; readonly id: string } | undefined,
  servers: ServersSeen,
  lost: readonly string[],
): Effect {
  const seen = servers.get(server?.id ?? '');
  if (server === undefined || seen === undefined) return { seen: 'unknown', why: 'Not read.' };
  if (!seen.ok) {
    return seen.gone
      ? { seen: 'broken', why: `Server ${server.name} does not exist any more.` }
      : { seen: 'unknown', why: seen.why };
  }
  return placeOf(seen.value, server.name, lost);
}

function placeOf(server: Server, name: string, lost: readonly string[]): Effect {
  const at = server[HOST] ?? 'no host';
  const power = powerOf(server);
  const reading = { server: server.id, host: at, status: statusText(server) };
  const said = `${name} is ${reading.status} on ${at}`;
  if (power === 'changing') return { seen: 'moving', why: `${said}.`, reading };
  if (power === 'failed') {
    return { seen: 'broken', why: `${said}: no host took it. Make room, then retry.`, reading };
  }
  if (power === 'unknown') return { seen: 'unknown', why: `${said}.`, reading };
  return lost.includes(at)
    ? { seen: 'absent', why: `${said}.`, reading }
    : { seen: 'there', reading };
}

/** Nothing is sent before people said that nothing writes there, nor onto volumes nobody reaches. */
function heldBack({ half }: Evacuation, { given, view }: Seat): Effect | undefined {
  const lacking = unproved(given.proof, view);
  if (lacking !== undefined) return { seen: 'blocked', why: lacking };
  if (!half.ok) return { seen: 'blocked', why: half.why };
  const fault = gadFault(half.value);
  return fault === undefined ? undefined : { seen: 'broken', why: fault };
}

/** Servers of a lower order are up first. */
function waits(name: string | undefined, { servers }: Evacuation, seat: Seat): Effect | undefined {
  const { given, view } = seat;
  const bound = survivorOf(view.plan.facts);
  const order = given.servers.find((spec) => spec.name === name)?.order ?? 0;
  const lost = bound.hosts.map((host) => host.name);
  const first = bound.servers.filter((one) => {
    const spec = given.servers.find((server) => server.name === one.name);
    const there = one.host === undefined || serverEffect(one, servers, lost).seen === 'there';
    return spec !== undefined && spec.order < order && !there;
  });
  if (first.length === 0) return undefined;
  const names = first.map((one) => one.name).join(', ');
  return { seen: 'blocked', why: `${name} waits for ${names}.` };
}
