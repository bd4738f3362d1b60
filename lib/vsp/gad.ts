/**
 * Global-active device: both volumes of a pair are written while it is mirrored, so states alone do not
 * say where the truth is. States and I/O modes of both halves together do.
 */
import * as z from 'zod';
import { type Predicate, predicate } from '../predicate.ts';
import { type RemotePair, remoteGroupSchema } from './schema.ts';
import { compared, sideReading } from './sides.ts';

/**
 * Where hosts go on, and so where the newest data is. `blocked`: nowhere, both hold the same and nobody
 * but the vendor's support can force one open. `undecided`: one half cannot be read and the other one
 * has not noticed anything yet.
 */
export const gadStandings = [
  'mirrored',
  'mirroring',
  'only-p',
  'only-s',
  'blocked',
  'undecided',
  'simplex',
  'unknown',
] as const;
export type GadStanding = (typeof gadStandings)[number];

interface Row {
  readonly is: GadStanding;
  /** `<status> <I/O mode>` of either half; `unknown` where it cannot be read, `SMPL` has no mode. */
  readonly p: readonly string[];
  readonly s: readonly string[];
}

/** What has no row is unknown. PAIR beside a mode that is not mirrored: the first write changes it. */
export const gadRows: readonly Row[] = [
  { is: 'mirrored', p: ['PAIR L/M'], s: ['PAIR L/M'] },
  { is: 'mirroring', p: ['COPY L/M'], s: ['COPY B/B'] },
  { is: 'only-p', p: ['PSUS L/L'], s: ['SSUS B/B'] },
  {
    is: 'only-p',
    p: ['PSUE L/L', 'PAIR L/L'],
    s: ['PSUE B/B', 'PAIR B/B', 'SMPL', 'unknown'],
  },
  {
    is: 'only-s',
    p: ['PSUS B/B', 'PSUE B/B', 'PAIR B/B', 'SMPL', 'unknown'],
    s: ['SSWS L/L', 'PAIR L/L'],
  },
  { is: 'blocked', p: ['PSUE B/B'], s: ['PSUE B/B'] },
  { is: 'blocked', p: ['unknown'], s: ['PSUE B/B'] },
  { is: 'blocked', p: ['PSUE B/B'], s: ['unknown'] },
  { is: 'undecided', p: ['PAIR L/M'], s: ['unknown'] },
  { is: 'undecided', p: ['unknown'], s: ['PAIR L/M'] },
  { is: 'simplex', p: ['SMPL'], s: ['SMPL'] },
];

export const gadStanding = (p: string, s: string): GadStanding =>
  gadRows.find((row) => row.p.includes(p) && row.s.includes(s))?.is ?? 'unknown';

/** `PAIR L/M` of the half that an array shows of its own, and which half that is. */
export function gadHalf(pair: RemotePair): { readonly role: 'P' | 'S'; readonly text: string } {
  const role = pair.pvolLdevId === undefined ? 'S' : 'P';
  const [status, mode] =
    role === 'P' ? [pair.pvolStatus, pair.pvolIOMode] : [pair.svolStatus, pair.svolIOMode];
  return { role, text: [status ?? 'unknown', mode].filter((word) => word != null).join(' ') };
}

/** The half that one array shows, all pairs together. */
export interface GadHalf {
  /** `S PAIR L/M`, each once, sorted. */
  readonly states: readonly string[];
  /** It holds exactly the LDEVs asked about. */
  readonly same: boolean;
  /** It lacks some of them and holds nothing else. */
  readonly less: boolean;
}

export function gadSides(pairs: readonly RemotePair[], ldevs: readonly number[]): GadHalf {
  const have = pairs.map((pair) => pair.pvolLdevId ?? pair.svolLdevId ?? -1);
  const states = pairs.map((pair) => Object.values(gadHalf(pair)).join(' '));
  return { states: [...new Set(states)].sort(), ...compared(have, ldevs) };
}

/** Of one half alone: `open`, hosts reach it; `alone`, its array has noticed that the other one is lost. */
const ALONE = ['P PSUS L/L', 'P PSUE L/L', 'P PAIR L/L', 'S SSWS L/L', 'S PAIR L/L'];
const halves = { alone: ALONE, open: [...ALONE, 'P PAIR L/M', 'S PAIR L/M'] } as const;

export const gadOpen = ({ states, same }: GadHalf, how: 'open' | 'alone'): boolean =>
  same && states.length === 1 && halves[how].includes(states[0] ?? '');

/** Hosts reach the volumes of this half: not blocked, and no pair apart from the others. */
const goesOn = predicate({
  body: remoteGroupSchema,
  args: z.strictObject({ ldevs: z.array(z.int()).min(1) }),
  test: ({ copyPairs }, { ldevs }) => {
    const half = gadSides(copyPairs, ldevs);
    return { holds: gadOpen(half, 'open'), reading: sideReading(half) };
  },
});

export const gadPredicates: Readonly<Record<string, Predicate>> = { 'gad-open': goesOn };
