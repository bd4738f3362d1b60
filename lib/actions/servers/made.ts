/** What a boot step makes, read back from its calls: the plan itself is the list. */
import { hashOf } from '../../canonical.ts';
import type { PlanCall } from '../../runbook/plan.ts';

/** Name or tag of an object that a call makes: it can be listed by it when its answer is lost. */
export const objectKey = (run: string, callId: string): string =>
  `drillbook-${hashOf([run, callId]).slice(0, 16)}`;

export const KEY_PREFIX = 'drillbook-';

export const makesServer = (call: PlanCall): boolean =>
  call.method === 'POST' && call.path === '/servers';
export const makesPort = (call: PlanCall): boolean =>
  call.method === 'POST' && call.path === '/v2.0/ports';

/** The volume whose status a call resets, and to what. */
export function resetOf(call: PlanCall): { volume: string; status: string } | undefined {
  const volume = /^\/volumes\/([^/]+)\/action$/.exec(call.path)?.[1];
  const body = call.body as { 'os-reset_status'?: { status?: unknown } } | undefined;
  const status = body?.['os-reset_status']?.status;
  return volume === undefined || typeof status !== 'string' ? undefined : { volume, status };
}

/** Names of all ports that a plan makes. */
export const portNames = (calls: readonly PlanCall[]): string[] =>
  calls.filter(makesPort).flatMap((call) => (call.creates === undefined ? [] : [call.creates.key]));

/** The network in which these calls make ports; empty when they make none. */
export function networkMade(calls: readonly PlanCall[]): string {
  const body = calls.find(makesPort)?.body as { port?: { network_id?: unknown } } | undefined;
  return String(body?.port?.network_id ?? '');
}

/** Name of the server a call makes. */
export function serverName(call: PlanCall): string {
  const body = call.body as { server?: { name?: unknown } } | undefined;
  return String(body?.server?.name ?? call.id);
}
