/** What the objects of a controller are called, by their ids: `<project>/<network>/<subnet>`. */
import type { ConfigurationKind } from '../../mapping.ts';
import type { RawCloud } from './answers.ts';
import type { Json } from './difference.ts';
import type { Translation } from './translate.ts';

export interface Item {
  readonly kind: ConfigurationKind;
  readonly name: string;
  readonly value: Readonly<Record<string, Json>>;
}

/** An item on its way to the normal form, with the id that is no part of it. */
export type Draft = Item & { readonly id: string };

/** What others are called, by id. */
export interface Names {
  project(id: string): string;
  network(id: string): string;
  subnet(id: string): string;
  group(id: string): string;
  user(id: string): string;
  translated(kind: ConfigurationKind, name: string): string;
}

export function namesOf(raw: RawCloud, { name: translated }: Translation): Names {
  const book = (rows: readonly { readonly id: string }[], nameOf: (i: number) => string) => {
    const known = new Map(rows.map(({ id }, i) => [id, nameOf(i)]));
    return (id: string) => known.get(id) ?? (id === '' ? '-' : `?${id}`);
  };
  const own =
    (kind: ConfigurationKind, rows: readonly { readonly name: string }[]) => (i: number) =>
      translated(kind, rows[i]?.name ?? '');
  const project = book(raw.projects, own('projects', raw.projects));
  const below = (
    kind: ConfigurationKind,
    rows: readonly { readonly id: string; readonly name: string }[],
    above: (i: number) => string,
  ) => book(rows, (i) => `${above(i)}/${own(kind, rows)(i)}`);
  const network = below('networks', raw.networks, (i) =>
    project(raw.networks[i]?.project_id ?? ''),
  );
  const subnet = below('subnets', raw.subnets, (i) => network(raw.subnets[i]?.network_id ?? ''));
  const group = below('securityGroups', raw.securityGroups, (i) =>
    project(raw.securityGroups[i]?.project_id ?? ''),
  );
  return {
    project,
    network,
    subnet,
    group,
    user: book(raw.users, (i) => raw.users[i]?.name ?? ''),
    translated,
  };
}
