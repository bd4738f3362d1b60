/**
 * Which calls need a second gateway, and what happens when it cannot be reached. An isolated gateway
 * refuses them, unless the plan that people signed gives the other site up; that is then written
 * beside the call.
 */
import { grantRule } from '../../runbook/grants.ts';
import { GatewayError } from '../errors.ts';
import type { Grant } from '../protocol.ts';
import type { Put } from './checks.ts';
import type { Parts } from './gateway.ts';
import { askGrant } from './grants.ts';
import { dangerHere } from './plans.ts';

/** What a call has besides its approvals; the session is for the one exchange with the array. */
export interface Leave {
  readonly grant?: Grant;
  readonly session?: string;
  readonly givenUp?: readonly string[];
}

/**
 * Epochs first: with every peer that the plan does not give up, before anything is checked by them.
 * A peer that is silent holds up only what needs it.
 */
export async function meetPeers(parts: Parts, { plan }: Put): Promise<void> {
  const peers = peersOf(parts).filter((site) => !plan.givesUp?.includes(site));
  await Promise.all(
    peers.map((site) =>
      parts.peers.meet(site).catch((error: unknown) => {
        if (!(error instanceof GatewayError)) throw error;
      }),
    ),
  );
}

/** Rejects with GW-ISOLATED, GW-GRANT, GW-GRANT-REFUSED or GW-LEND. */
export async function takeLeave(parts: Parts, put: Put): Promise<Leave> {
  const needed = grantNeeded(parts, put);
  if (needed === undefined) return {};
  if ('givenUp' in needed) return needed;
  await parts.peers.meet(needed.site);
  return askGrant(parts, put, needed);
}

type Needed =
  | { readonly site: string; readonly session: boolean }
  | { readonly givenUp: readonly string[] };

/**
 * By this gateway's own table and its own trust.yml, whatever the plan says; a grant that only the
 * plan asks for is asked for as well. Undefined where there is no other gateway, or no need.
 */
export function grantNeeded(parts: Parts, { plan, call }: Put): Needed | undefined {
  const rule = grantRule({ ...call, class: dangerHere(parts, plan, call) });
  const session = rule?.session === true || call.grant?.session === true;
  const peers = peersOf(parts);
  if (peers.length === 0 || (rule === undefined && call.grant === undefined)) return undefined;
  const named = peers.filter((site) => plan.sites.includes(site));
  const concerned = named.length > 0 ? named : peers;
  const left = concerned.filter((site) => !plan.givesUp?.includes(site));
  if (left.length === 0 && session) {
    const why = 'It needs the array of a site that the plan gives up.';
    throw new GatewayError('GW-ISOLATED', `${call.id} cannot be sent.`, { why });
  }
  if (left.length === 0) return { givenUp: concerned };
  const site = left.find((one) => one === call.grant?.site) ?? only(left);
  if (site !== undefined) return { site, session };
  const why = `${left.join(', ')} may grant it; the plan names none of them.`;
  throw new GatewayError('GW-GRANT', `${call.id} is a call of two gateways.`, { why });
}

const only = (sites: readonly string[]): string | undefined =>
  sites.length === 1 ? sites[0] : undefined;

const peersOf = ({ folder }: Parts): string[] => folder.trust.peers.map(({ site }) => site);
