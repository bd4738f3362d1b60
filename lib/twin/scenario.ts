/** `config/twin.yml`: what the simulated centres add to the configuration. */
import * as z from 'zod';
import { parseYaml, type Source } from '../yaml.ts';
import { cloudFaults } from './openstack/state.ts';

/** Faults of one service's volumes; `service` names it. */
export const serviceFaults = [
  /** The drill copies are split already, by somebody else. */
  'copies-left-split',
  /** A volume was added to the remote and the local copy group. */
  'pair-added',
  /** The first copy lies on another LDEV, which now carries its label. */
  'ldev-swapped',
  /** The remote mirror failed: all pairs PSUE; switched off it copies and is PAIR again. */
  'replication-suspended',
  /** DR receives but does not restore: its journal fills; switched off it catches up. */
  'backlog',
  /** Nothing reaches DR: main's journal fills, PFUL, then PFUS. */
  'link-down',
  /** The drill copies belong to no consistency group any more. */
  'no-consistency-group',
] as const;
export type ServiceFault = (typeof serviceFaults)[number];

/** Faults of a whole array; `site` names it, DR unless said otherwise. */
export const arrayFaults = ['array-busy', 'job-unknown', 'job-failed', 'sessions-lost'] as const;
export type SiteFault = (typeof arrayFaults)[number];

export const faultSchema = z.strictObject({
  name: z.enum([...serviceFaults, ...arrayFaults, ...cloudFaults]),
  service: z.string().optional(),
  site: z.string().optional(),
});
export type Fault = z.infer<typeof faultSchema>;

const size = z.int().min(1).max(10_000);
const ms = z.int().min(1).max(86_400_000);
const perSecond = z.int().min(2).max(10_000);

const scenarioSchema = z.strictObject({
  /** Same seed, same load and same jitter. */
  seed: z.string().min(1),
  sizes: z.strictObject({ bootGiB: size, dataGiB: size, journalGiB: size }),
  load: z.strictObject({
    recordKiB: z.int().min(1).max(1024),
    recordsPerSecond: perSecond,
    /** Services whose rate differs, by id. */
    services: z.record(z.string(), perSecond).default({}),
  }),
  pace: z.strictObject({
    jobMs: ms,
    transferMs: z.int().min(10).max(10_000),
    quickCopyMs: ms,
    resyncMs: ms,
    mirrorCopyMs: ms,
  }),
  faults: z.array(faultSchema).default([]),
});
export type Scenario = z.infer<typeof scenarioSchema>;

/** Throws a coded error with file, line and column for anything that does not fit. */
export function parseScenario(source: Source): Scenario {
  return parseYaml(source, z.strictObject({ scenario: scenarioSchema })).scenario;
}
