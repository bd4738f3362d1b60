/** `config/twin.yml`: what the simulated centres add to the configuration. */
import * as z from 'zod';
import { parseYaml, type Source } from '../yaml.ts';
import { type FaultName, faultPlaces, faultTable } from './faults/table.ts';

/** Names a scenario or the control door can switch; those of our own processes it cannot. */
const switchable: readonly Exclude<FaultName, 'gateway-restarted'>[] = faultTable.flatMap(
  ({ name }) => (name === 'gateway-restarted' ? [] : [name]),
);

const fields = z.strictObject({
  name: z.enum(switchable),
  /** Service (in a topology: writer or copy group); left out = the first. */
  service: z.string().optional(),
  /** Site, array or cloud; left out = where the first service is copied to. */
  site: z.string().optional(),
  /** Two arrays with a link between them; left out = those of the first service. */
  between: z.tuple([z.string(), z.string()]).optional(),
  /** Which network port of the site; left out = its array's. */
  door: z.enum(['array', 'cloud']).optional(),
});
export const faultSchema = fields.superRefine(refuseOtherPlaces);
export type Fault = z.infer<typeof faultSchema>;

/** A place that means nothing for this fault would be struck somewhere else without a word. */
function refuseOtherPlaces(fault: z.infer<typeof fields>, { addIssue }: z.RefinementCtx): void {
  const target = faultTable.find(({ name }) => name === fault.name)?.target ?? 'service';
  const taken: readonly string[] = faultPlaces[target];
  for (const key of ['service', 'site', 'between', 'door'] as const) {
    if (fault[key] === undefined || taken.includes(key)) continue;
    const message = `${fault.name} strikes by ${taken.join(' and ')}, not by ${key}`;
    addIssue({ code: 'custom', path: [key], message });
  }
}

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
    peerSilentMs: z.int().min(0).max(600_000).optional(),
    transferMs: z.int().min(10).max(10_000),
    quickCopyMs: ms,
    resyncMs: ms,
    mirrorCopyMs: ms,
  }),
  /** Ids of main volumes that nobody replicates yet: DR has nothing of them. */
  unprotected: z.array(z.string()).default([]),
  faults: z.array(faultSchema).default([]),
});
export type Scenario = z.infer<typeof scenarioSchema>;

/** Throws a coded error with file, line and column for anything that does not fit. */
export function parseScenario(source: Source): Scenario {
  return parseYaml(source, z.strictObject({ scenario: scenarioSchema })).scenario;
}
