/** What an object of the configuration refers to, by kind: it must be at DR first. */
import type { ConfigurationKind } from '../../mapping.ts';
import type { ListName, RawCloud } from '../../openstack/configuration/answers.ts';
import type { Difference } from '../../openstack/configuration/difference.ts';
import { idKey, type Normal } from '../../openstack/configuration/normal.ts';

type Value = Difference['value'];
export type NeededKind =
  | Extract<ConfigurationKind, 'projects' | 'networks' | 'subnets' | 'securityGroups' | 'images'>
  | 'users';
interface Need {
  readonly kind: NeededKind;
  readonly name: string;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

const project = (value: Value): Need => ({ kind: 'projects', name: text(value['project']) });

const needs: Readonly<Partial<Record<ConfigurationKind, (value: Value) => readonly Need[]>>> = {
  networks: (value) => [project(value)],
  subnets: (value) => [{ kind: 'networks', name: text(value['network']) }],
  securityGroups: (value) => [project(value), ...remoteGroups(value)],
  routers: (value) => [
    project(value),
    ...texts([value['gateway']]).map((name): Need => ({ kind: 'networks', name })),
    ...texts(value['subnets']).map((name): Need => ({ kind: 'subnets', name })),
  ],
  keypairs: (value) => [{ kind: 'users', name: text(value['user']) }],
  quotas: (value) => [project(value)],
  imageVolumes: (value) => [{ kind: 'images', name: text(value['name']) }],
};

function remoteGroups({ rules }: Value): Need[] {
  const names = (Array.isArray(rules) ? rules : []).flatMap((rule) =>
    texts([Object(rule).remoteGroup]),
  );
  return [...new Set(names)].map((name) => ({ kind: 'securityGroups', name }));
}

/** The list in which objects of a kind stand; names that can stand in it twice are looked for. */
export const listed = {
  networks: 'networks',
  subnets: 'subnets',
  securityGroups: 'securityGroups',
  routers: 'routers',
  flavors: 'flavors',
  volumeTypes: 'volumeTypes',
} as const satisfies Partial<Record<ConfigurationKind, ListName>>;

export const isListed = (kind: ConfigurationKind): kind is keyof typeof listed => kind in listed;

/** Ids of everything at DR that is called like what is to be made or removed, by `<kind> <name>`. */
export function namesakesOf(
  differences: readonly Difference[],
  dr: RawCloud,
): Record<string, string[]> {
  return Object.fromEntries(
    differences.flatMap(({ sign, kind, value }) => {
      if (sign === 'change' || !isListed(kind)) return [];
      const name = text(value['name']);
      const found = dr[listed[kind]].filter((one) => one.name === name).map(({ id }) => id);
      return [[`${kind} ${name}`, found.sort()]];
    }),
  );
}

/** Ids at DR of all that the differences refer to and that is there, by `<kind> <name>`. */
export function neededIds(
  differences: readonly Difference[],
  { ids }: Normal,
): Record<string, string> {
  const wanted = differences
    .filter(({ sign }) => sign !== 'extra')
    .flatMap(({ kind, value }) => needs[kind]?.(value) ?? [])
    .map(({ kind, name }) => idKey(kind, name));
  return Object.fromEntries(
    [...new Set(wanted)].sort().flatMap((key) => {
      const id = ids.get(key);
      return id === undefined ? [] : [[key, id]];
    }),
  );
}
