/**
 * Configuration and runbooks without the control plane: copies in the gateway's folder, else what
 * came with the last plan that was registered here. Who people are is said by that plan, else by
 * trust.yml; without names, which are nowhere but with the control plane.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import {
  type Config,
  personSchema,
  policySchema,
  serviceSchema,
  siteSchema,
} from '../../config.ts';
import { nearest } from '../../errors.ts';
import type { Engine } from '../../run/engine.ts';
import { parseYaml } from '../../yaml.ts';
import { GatewayError } from '../errors.ts';
import type { Entry } from '../server/entries.ts';
import type { Trust } from '../trust.ts';

const shippedSchema = z.looseObject({
  sites: z.array(siteSchema).min(1),
  services: z.array(serviceSchema).min(1),
  policy: policySchema,
  people: z.array(personSchema.pick({ id: true, roles: true, flags: true, keys: true })).optional(),
});
type Shipped = z.infer<typeof shippedSchema>;
type Enrolled = NonNullable<Shipped['people']>[number];

export type AloneSources = Pick<Engine, 'config' | 'runbook'>;

interface Home {
  /** The gateway's folder; undefined for one that was put together in memory. */
  readonly home: string | undefined;
  readonly entries: readonly Entry[];
  trust(): Trust;
}

export function aloneSources({ home, entries, trust }: Home): AloneSources {
  return {
    config: async () => {
      const known = registered(entries);
      const shipped = (await copied(home)) ?? known;
      if (shipped !== undefined) {
        const { sites, services, policy } = shipped;
        // The people a plan was compiled with, or the runs of that plan would be void here.
        const people = known?.people ?? peopleOf(trust(), policy);
        return { sites, services, policy, people: people.map(nameless) };
      }
      throw new GatewayError('GW-ALONE-CONFIG', 'There is no configuration at this gateway.', {
        why: 'Its folder has no config/, and no plan was registered here.',
      });
    },
    runbook: (id) => runbookOf(id, { home, entries }),
  };
}

async function copied(home: string | undefined): Promise<Shipped | undefined> {
  const read = async <T>(name: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    const file = join(home ?? '', 'config', `${name}.yml`);
    const text = home === undefined ? undefined : await readFile(file, 'utf8').catch(absent);
    return text === undefined ? undefined : parseYaml({ file, text }, schema);
  };
  const { sites, services, policy } = shippedSchema.shape;
  const found = {
    ...(await read('sites', z.strictObject({ sites }))),
    ...(await read('services', z.strictObject({ services }))),
    ...(await read('policy', z.strictObject({ policy }))),
  };
  const whole = shippedSchema.safeParse(found);
  return whole.success ? whole.data : undefined;
}

function registered(entries: readonly Entry[]): Shipped | undefined {
  for (const entry of entries.toReversed()) {
    const config = entry.type === 'plan' ? shippedSchema.safeParse(entry.config) : undefined;
    if (config?.success === true) return config.data;
  }
  return undefined;
}

/** `operator` is the gateways' own word for whoever may order a retry. */
function peopleOf({ people }: Trust, { operatorRoles }: Config['policy']): Enrolled[] {
  return people.map(({ id, roles, keys }) => ({
    id,
    roles: roles.filter((role) => role !== 'operator' || operatorRoles.includes('operator')),
    flags: [],
    ...(keys === undefined
      ? {}
      : { keys: keys.map((key) => ({ id: key.id, publicKey: key.publicKey })) }),
  }));
}

const nameless = ({ id, ...person }: Enrolled): Config['people'][number] => ({
  ...{ ...person, id, handle: id, name: { ko: id, en: id }, language: 'en', slack: [] },
});

async function runbookOf(
  id: string,
  { home, entries }: Pick<Home, 'home' | 'entries'>,
): Promise<{ file: string; text: string }> {
  const folder = join(home ?? '', 'runbooks');
  const file = join(folder, `${id}.yml`);
  const text = home === undefined ? undefined : await readFile(file, 'utf8').catch(absent);
  if (text !== undefined) return { file, text };
  const plans = entries.flatMap((entry) => (entry.type === 'plan' ? [entry] : []));
  const known = plans.findLast(({ plan }) => plan.runbook.id === id);
  if (known !== undefined) return { file: `${id}.yml`, text: known.runbook };
  const names = home === undefined ? [] : ((await readdir(folder).catch(absent)) ?? []);
  const near = nearest(id, [
    ...names.map((name) => name.replace(/\.yml$/, '')),
    ...plans.map(({ plan }) => plan.runbook.id),
  ]);
  const why = near === undefined ? 'There are none.' : `Did you mean ${near}?`;
  throw new GatewayError('GW-ALONE-CONFIG', `There is no runbook ${id} at this gateway.`, { why });
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
