/** Both halves of a GAD group as they are: where hosts go on, pair by pair. */
import { boundOf } from '../../runbook/bound.ts';
import type { Plan } from '../../runbook/plan.ts';
import { type GadStanding, gadHalf, gadStanding, gadStandings } from '../../vsp/gad.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { reads } from '../../vsp/paths.ts';
import { type RemotePair, remoteGroupSchema } from '../../vsp/schema.ts';
import { sideOf } from '../../vsp/sides.ts';
import type { Reader } from '../action.ts';
import { onArray, type Seen, see } from '../reads.ts';
import { boundSite, replicationOf } from '../replicas.ts';
import { ldevsAt } from '../replication/sides.ts';

export interface GadSeen {
  /** The one standing all pairs share; `unknown` when they differ or neither half can be read. */
  readonly standing: GadStanding;
  /** Site whose volumes are the P-VOLs, and of the S-VOLs, as far as a half says so. */
  readonly primary: string | undefined;
  readonly secondary: string | undefined;
  /** `main P PAIR L/M; dr S PAIR L/M`. */
  readonly text: string;
  /** Its pairs stand differently. */
  readonly torn: boolean;
  /** Why it cannot be judged, whatever the states. */
  readonly fault: string | undefined;
}

interface Half {
  readonly site: string;
  readonly seen: Seen<readonly RemotePair[]>;
  readonly same: boolean;
  readonly less: boolean;
}

export async function seeGad(read: Reader, plan: Plan): Promise<GadSeen> {
  const replication = replicationOf(plan.facts);
  const bound = boundOf(plan.facts);
  const ends = [replication.primary, replication.secondary];
  const halves = await Promise.all(
    ends.map(async ({ site, deviceGroup }): Promise<Half> => {
      const place = onArray(
        site,
        boundSite(bound, site).array,
        reads.half(replication.group, deviceGroup),
      );
      const seen = await see(read, place, remoteGroupSchema);
      if (!seen.ok) return { site, seen, same: true, less: false };
      const { copyPairs } = seen.value;
      const { same, less } = sideOf(copyPairs, ldevsAt(replication, site));
      return { site, seen: { ok: true, value: copyPairs }, same, less };
    }),
  );
  return standingOf(
    halves,
    replication.pairs.map(({ name }) => name),
  );
}

/** Pure: what the halves say together. */
function standingOf(halves: readonly Half[], names: readonly string[]): GadSeen {
  const text = halves.map(textOf).join('; ');
  const at = (role: 'P' | 'S') =>
    halves.find(({ seen }) => seen.ok && seen.value.every((one) => gadHalf(one).role === role))
      ?.site;
  const [primary, secondary] = [at('P'), at('S')];
  const found = new Set(
    names.map((name) => {
      const half = (site: string | undefined) => {
        const seen = halves.find((one) => one.site === site && site !== undefined)?.seen;
        const pair = seen?.ok ? seen.value.find((one) => one.copyPairName === name) : undefined;
        return pair === undefined ? 'unknown' : gadHalf(pair).text;
      };
      return gadStanding(half(primary), half(secondary));
    }),
  );
  const standing = gadStandings.find((one) => found.size === 1 && found.has(one)) ?? 'unknown';
  const torn = found.size > 1;
  return { standing, primary, secondary, text, torn, fault: faultOf(halves, { found, text }) };
}

/** How it stands, for a person who waits until it stands otherwise. */
export const standingText = ({ text, standing, torn }: GadSeen): string =>
  torn ? `${text}: ${standing}. ${hazardText(6)}` : `${text}: ${standing}.`;

function faultOf(
  halves: readonly Half[],
  { found, text }: { readonly found: ReadonlySet<GadStanding>; readonly text: string },
): string | undefined {
  const other = halves.find(({ same }) => !same);
  if (other !== undefined) return `${text}. ${hazardText(other.less ? 8 : 16)}`;
  if (found.has('blocked')) return `${text}. ${BLOCKED}`;
  return undefined;
}

/** Forcing one side open is for the vendor's support: a machine that guesses here makes two truths. */
export const BLOCKED =
  'No host reaches either volume, and both hold the same. Do not resynchronise, delete or force ' +
  'anything: look at the quorum disk and the remote paths, and call the storage vendor.';

function textOf({ site, seen }: Half): string {
  if (!seen.ok) return `${site} unknown (${seen.why})`;
  const states = seen.value.map((pair) => Object.values(gadHalf(pair)).join(' '));
  return `${site} ${[...new Set(states)].sort().join(', ')}`;
}
