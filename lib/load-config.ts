/** Reads the four files a customer fills in and checks what no single file can show. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import {
  type Config,
  personSchema,
  policySchema,
  type Service,
  type Site,
  serviceSchema,
  siteSchema,
} from './config.ts';
import { policyProblems } from './config-rules.ts';
import { nearest } from './errors.ts';
import { mappingSchema } from './mapping.ts';
import { type Problem, readYaml, SourceError, shapeProblems, type YamlText } from './yaml.ts';

const files = {
  sites: z.strictObject({ sites: z.array(siteSchema).min(1) }),
  services: z.strictObject({ services: z.array(serviceSchema).min(1) }),
  people: z.strictObject({ people: z.array(personSchema).min(1) }),
  policy: z.strictObject({ policy: policySchema }),
  mapping: z.strictObject({ mapping: mappingSchema }),
} as const;

/** Nothing differs on purpose where it is not there. */
const OPTIONAL = 'mapping';

/**
 * Throws `SourceError`: YAML-SYNTAX, YAML-SHAPE, CONFIG-FILE or CONFIG-RULE. Whoever works reads it
 * anew for each request, so that a changed file counts at once; the same words mean the same.
 */
export async function loadConfig(folder: string): Promise<Config> {
  const texts: string[] = [];
  for (const name of Object.keys(files)) texts.push(await textOf(fileOf(folder, name)));
  const key = texts.join('\0');
  const config = understood.get(key) ?? understand(folder, texts);
  understood.clear();
  understood.set(key, config);
  return config;
}

/** The last one only: reading YAML and checking it takes 50 ms, too long before an answer. */
const understood = new Map<string, Config>();

function understand(
  folder: string,
  [sitesYml, servicesYml, peopleYml, policyYml, mappingYml]: string[],
): Config {
  const sites = parse(folder, 'sites', sitesYml);
  const services = parse(folder, 'services', servicesYml);
  const people = parse(folder, 'people', peopleYml);
  const policy = parse(folder, 'policy', policyYml);
  const mapping = mappingYml === '' ? undefined : parse(folder, OPTIONAL, mappingYml);
  const config: Config = {
    sites: sites.value.sites,
    services: services.value.services,
    people: people.value.people,
    policy: policy.value.policy,
    ...(mapping === undefined ? {} : { mapping: mapping.value.mapping }),
  };
  const problems = [
    ...siteProblems(config, sites.text),
    ...serviceProblems(config, services.text),
    ...checkProblems(config, services.text),
    ...peopleProblems(config, people.text),
    ...policyProblems(config, { sites: sites.text, services: services.text }),
  ];
  if (problems.length > 0) throw new SourceError('CONFIG-RULE', problems);
  return config;
}

const fileOf = (folder: string, name: string): string => join(folder, `${name}.yml`);

function parse<K extends keyof typeof files>(
  folder: string,
  name: K,
  words = '',
): { text: YamlText; value: z.infer<(typeof files)[K]> } {
  const text = readYaml({ file: fileOf(folder, name), text: words });
  const schema: z.ZodType = files[name];
  const result = schema.safeParse(text.value);
  if (!result.success) {
    throw new SourceError('YAML-SHAPE', shapeProblems(text, schema, result.error));
  }
  return { text, value: result.data as z.infer<(typeof files)[K]> };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    if (absent && basename(file) === `${OPTIONAL}.yml`) return '';
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new SourceError('CONFIG-FILE', [{ file, line: 1, column: 1, rule: 'file', what }]);
  }
}

interface Named {
  readonly value: string | number;
  readonly path: readonly PropertyKey[];
}

/** Each value once; the second place is named, with the first in the words. */
function doubles(text: YamlText, what: string, named: readonly Named[]): Problem[] {
  const first = new Map<string | number, readonly PropertyKey[]>();
  return named.flatMap(({ value, path }) => {
    const before = first.get(value);
    if (before === undefined) {
      first.set(value, path);
      return [];
    }
    const { line } = text.place(before);
    const fault = `${what} ${value} stands already in line ${line}`;
    return [text.problem(path, { rule: 'unique', what: fault })];
  });
}

function siteProblems(config: Config, text: YamlText): Problem[] {
  const of = (field: 'id' | 'gateway'): Named[] =>
    config.sites.map((site, i) => ({ value: site[field], path: ['sites', i, field] }));
  const arrays = config.sites.map((site, i) => ({
    value: site.array.storageDeviceId,
    path: ['sites', i, 'array', 'storageDeviceId'],
  }));
  return [
    ...doubles(text, 'site', of('id')),
    ...doubles(text, 'gateway', of('gateway')),
    ...doubles(text, 'array', arrays),
    ...cloudProblems(config, text),
  ];
}

/** A cloud over two sites is known by the zones of its hosts; everybody else has one of their own. */
function cloudProblems({ sites }: Config, text: YamlText): Problem[] {
  const shares = ({ cloud, zone }: Site) =>
    zone !== undefined &&
    sites.filter((one) => one.cloud === cloud && one.zone === zone).length === 1;
  const alone = (site: Site) => sites.filter(({ cloud }) => cloud === site.cloud).length === 1;
  const named = sites.flatMap((site, i) =>
    alone(site) || shares(site) ? [] : [{ value: site.cloud, path: ['sites', i, 'cloud'] }],
  );
  return doubles(text, 'cloud', named);
}

/** Hosts of one cloud write to both volumes of a GAD pair; to those of UR and TC they never may. */
function cloudOfService(
  text: YamlText,
  { from, to, type }: Service['replication'],
  { s, sites }: { readonly s: number; readonly sites: readonly Site[] },
): Problem[] {
  const clouds = [from, to].map((id) => sites.find((site) => site.id === id)?.cloud);
  if (from === to || clouds.includes(undefined) || (type === 'GAD') === (clouds[0] === clouds[1]))
    return [];
  const what =
    type === 'GAD'
      ? `GAD needs one cloud over both sites, found ${clouds.join(' and ')}`
      : `${type} needs a cloud at each site, found ${clouds[0]} at both`;
  const path = ['services', s, 'replication', 'type'];
  return [text.problem(path, { rule: 'one-cloud', what })];
}

function serviceProblems(config: Config, text: YamlText): Problem[] {
  const sites = config.sites.map((site) => site.id);
  const services = config.services;
  const nics = services.flatMap((service, s) =>
    service.servers.flatMap((server, v) =>
      server.nics.map((nic, n) => ({ nic, path: ['services', s, 'servers', v, 'nics', n] })),
    ),
  );
  const servers = services.flatMap((service, s) =>
    service.servers.map((server, v) => ({ server, path: ['services', s, 'servers', v] })),
  );
  const volumes = servers.flatMap(({ server, path }) =>
    server.volumes.map((value, i) => ({ value, path: [...path, 'volumes', i] })),
  );
  return [
    ...doubles(text, 'service', at(services, 'id')),
    ...doubles(text, 'copy group', [
      ...services.map(({ replication }, s) => group(replication.group, s, 'replication')),
      ...services.map(({ drill }, s) => group(drill.group, s, 'drill')),
      ...services.flatMap(({ replication: { far } }, s) =>
        far === undefined
          ? []
          : (['group', 'delta'] as const).map((part) => ({
              value: far[part],
              path: ['services', s, 'replication', 'far', part],
            })),
      ),
    ]),
    ...doubles(
      text,
      'drill network',
      services.map(({ drill }, s) => ({ value: drill.network, path: network(s) })),
    ),
    ...doubles(
      text,
      'server',
      servers.map(({ server, path }) => ({ value: server.name, path: [...path, 'name'] })),
    ),
    ...doubles(text, 'volume', volumes),
    ...doubles(
      text,
      'MAC',
      nics.map(({ nic, path }) => ({ value: nic.mac, path: [...path, 'mac'] })),
    ),
    ...doubles(
      text,
      'IP',
      nics.map(({ nic, path }) => ({ value: nic.ip, path: [...path, 'ip'] })),
    ),
    ...services.flatMap(({ replication }, s) => [
      ...siteNames(text, replication, { s, sites }),
      ...cloudOfService(text, replication, { s, sites: config.sites }),
    ]),
  ];
}

const at = (list: readonly { readonly id: string }[], field: 'id'): Named[] =>
  list.map((one, i) => ({ value: one.id, path: ['services', i, field] }));
const group = (value: string, s: number, part: string): Named => ({
  value,
  path: ['services', s, part, 'group'],
});
const network = (s: number): PropertyKey[] => ['services', s, 'drill', 'network'];

function siteNames(
  text: YamlText,
  replication: Service['replication'],
  where: { readonly s: number; readonly sites: readonly string[] },
): Problem[] {
  const problems = (['from', 'to'] as const).flatMap((end) => {
    const name = replication[end];
    if (where.sites.includes(name)) return [];
    const path = ['services', where.s, 'replication', end];
    const instead = nearest(name, where.sites) ?? [...new Set(where.sites)].join(' or ');
    return [text.problem(path, { rule: 'site', what: `there is no site ${name}`, instead })];
  });
  const { from, to, far } = replication;
  if (far !== undefined && (!where.sites.includes(far.site) || [from, to].includes(far.site))) {
    const path = ['services', where.s, 'replication', 'far', 'site'];
    const what = `a third centre is a site of its own, found ${far.site}`;
    problems.push(text.problem(path, { rule: 'site', what }));
  }
  if (replication.fence !== undefined && replication.type !== 'TC') {
    const path = ['services', where.s, 'replication', 'fence'];
    const what = `only TC has fence levels, found ${replication.type}`;
    problems.push(text.problem(path, { rule: 'fence', what }));
  }
  if (replication.from !== replication.to) return problems;
  const path = ['services', where.s, 'replication', 'to'];
  const what = 'a service is not replicated onto its own site';
  return [...problems, text.problem(path, { rule: 'site', what })];
}

/** Checks are unique in their service and ask only servers of it. */
function checkProblems(config: Config, text: YamlText): Problem[] {
  return config.services.flatMap((service, s) => {
    const names = service.servers.map((server) => server.name);
    const path = (i: number, field: string) => ['services', s, 'checks', i, field];
    const ids = service.checks.map((check, i) => ({ value: check.id, path: path(i, 'id') }));
    const unknown = service.checks.flatMap((check, i) => {
      if (check.kind !== 'server-active' || names.includes(check.server)) return [];
      const instead = nearest(check.server, names) ?? names.join(' or ');
      const what = `${service.id} has no server ${check.server}`;
      return [text.problem(path(i, 'server'), { rule: 'check-server', what, instead })];
    });
    return [...doubles(text, 'check', ids), ...unknown];
  });
}

function peopleProblems(config: Config, text: YamlText): Problem[] {
  const of = (field: 'id' | 'handle'): Named[] =>
    config.people.map((person, i) => ({ value: person[field], path: ['people', i, field] }));
  const accounts = config.people.flatMap((person, i) =>
    person.slack.map((account, a) => ({
      value: `${account.team}/${account.user}`,
      path: ['people', i, 'slack', a],
    })),
  );
  return [
    ...doubles(text, 'person', of('id')),
    ...doubles(text, 'handle', of('handle')),
    ...doubles(text, 'Slack account', accounts),
  ];
}
