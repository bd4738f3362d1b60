/** Flavors of the first day and those made since, and their extra specs. All of them are public. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { uuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, page, type Route } from '../wire.ts';
import { onlyAdmin, readNova, refuse } from './refusals.ts';
import { links } from './views.ts';

type Flavor = CloudContext['seed']['flavors'][number];

/** Also those that are gone: a server keeps the flavor it was made with. */
export const everyFlavor = ({ seed, state }: CloudContext): readonly Flavor[] => [
  ...seed.flavors,
  ...state.compute.flavors,
];

/** All there are now. */
export const flavorsOf = (context: CloudContext): readonly Flavor[] =>
  everyFlavor(context).filter(({ id }) => !context.state.compute.flavorsGone.includes(id));

const createBody = z.strictObject({
  flavor: z.strictObject({
    name: z.string().min(1).max(255),
    id: z.string().min(1).max(255).nullable().default('auto'),
    vcpus: z.int().min(1),
    ram: z.int().min(1),
    disk: z.int().min(0),
    swap: z.literal(0).default(0),
    'OS-FLV-EXT-DATA:ephemeral': z.literal(0).default(0),
    'os-flavor-access:is_public': z.literal(true).default(true),
    rxtx_factor: z.literal(1).optional(),
    description: z.string().nullable().optional(),
  }),
});

const value = z.union([z.string(), z.number()]).transform(String);
const specsBody = z.strictObject({ extra_specs: z.record(z.string(), value) });

/** First microversion of a field. */
const SINCE = { description: 55, extraSpecs: 61, swapNumber: 75 } as const;

export function flavorRoutes(context: CloudContext): readonly Route[] {
  const specs = '/flavors/:id/os-extra_specs';
  return [
    ['GET', '/flavors', (ask) => list(context, ask, false)],
    ['GET', '/flavors/detail', (ask) => list(context, ask, true)],
    [
      'GET',
      '/flavors/:id',
      (ask, { id }) => json(200, { flavor: detail(context, find(context, id), ask.minor) }),
    ],
    ['POST', '/flavors', (ask) => create(context, ask)],
    ['DELETE', '/flavors/:id', (ask, { id }) => remove(context, ask, find(context, id))],
    ['GET', specs, (_, { id }) => json(200, { extra_specs: specsOf(context, find(context, id)) })],
    ['POST', specs, (ask, { id }) => addSpecs(context, ask, find(context, id))],
    ['GET', `${specs}/:key`, (_, { id, key = '' }) => oneSpec(context, find(context, id), key)],
    [
      'PUT',
      `${specs}/:key`,
      (ask, { id, key = '' }) => setSpec(context, ask, { flavor: find(context, id), key }),
    ],
    [
      'DELETE',
      `${specs}/:key`,
      (ask, { id, key = '' }) => dropSpec(context, ask, { flavor: find(context, id), key }),
    ],
  ];
}

function find(context: CloudContext, id: string | undefined): Flavor {
  const flavor = flavorsOf(context).find((one) => one.id === id);
  if (flavor === undefined) throw refuse(404, `Flavor ${id} could not be found.`);
  return flavor;
}

const specsOf = ({ state }: CloudContext, { id }: Flavor): Readonly<Record<string, string>> =>
  state.compute.extraSpecs[id] ?? {};

function list(context: CloudContext, ask: Ask, full: boolean): HttpResponse {
  const { query } = ask;
  const least = (name: string) => {
    const text = query.get(name) ?? '0';
    if (!/^\d+$/.test(text)) throw refuse(400, `Invalid ${name} filter [${text}]`);
    return Number(text);
  };
  const [ram, disk] = [least('minRam'), least('minDisk')];
  const wanted = flavorsOf(context).filter((one) => one.ramMiB >= ram && one.diskGiB >= disk);
  // All flavors are public: asking for private ones finds none.
  const hidden = /^(false|0|f|no)$/i.test(query.get('is_public') ?? '');
  const found = page(hidden ? [] : wanted, query);
  if (found === undefined) throw refuse(400, `marker [${query.get('marker')}] not found`);
  const href = `${context.baseUrl()}/compute/v2.1${ask.path}?${found.next}`;
  return json(200, {
    flavors: found.items.map((one) =>
      full ? detail(context, one, ask.minor) : summary(context, one, ask.minor),
    ),
    ...(found.next === undefined ? {} : { flavors_links: [{ rel: 'next', href }] }),
  });
}

const summary = (context: CloudContext, flavor: Flavor, minor: number) => ({
  id: flavor.id,
  name: flavor.name,
  links: links(context, 'flavors', flavor.id),
  ...(minor >= SINCE.description ? { description: null } : {}),
});

const detail = (context: CloudContext, flavor: Flavor, minor: number) => ({
  ...summary(context, flavor, minor),
  vcpus: flavor.vcpus,
  ram: flavor.ramMiB,
  disk: flavor.diskGiB,
  'OS-FLV-EXT-DATA:ephemeral': 0,
  'OS-FLV-DISABLED:disabled': false,
  swap: minor >= SINCE.swapNumber ? 0 : '',
  rxtx_factor: 1,
  'os-flavor-access:is_public': true,
  ...(minor >= SINCE.extraSpecs ? { extra_specs: specsOf(context, flavor) } : {}),
});

function create(context: CloudContext, ask: Ask): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-flavor-manage:create');
  const { name, id, vcpus, ram, disk } = readNova(ask, createBody).flavor;
  if (flavorsOf(context).some((one) => one.name === name)) {
    throw refuse(409, `Flavor with name ${name} already exists.`);
  }
  if (everyFlavor(context).some((one) => one.id === id))
    throw refuse(409, `Flavor with ID ${id} already exists.`);
  const own = id === null || id === 'auto' ? uuid(context.random) : id;
  const flavor: Flavor = { id: own, name, vcpus, ramMiB: ram, diskGiB: disk };
  context.state.compute.flavors.push(flavor);
  return json(200, { flavor: detail(context, flavor, ask.minor) });
}

function remove(context: CloudContext, ask: Ask, flavor: Flavor): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-flavor-manage:delete');
  context.state.compute.flavorsGone.push(flavor.id);
  return empty(202);
}

function addSpecs(context: CloudContext, ask: Ask, flavor: Flavor): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-flavor-extra-specs:create');
  const { extra_specs: wanted } = readNova(ask, specsBody);
  context.state.compute.extraSpecs[flavor.id] = { ...specsOf(context, flavor), ...wanted };
  return json(200, { extra_specs: wanted });
}

function oneSpec(context: CloudContext, flavor: Flavor, key: string): HttpResponse {
  const found = specsOf(context, flavor)[key];
  if (found !== undefined) return json(200, { [key]: found });
  throw refuse(404, `Flavor ${flavor.id} has no extra specs with key ${key}.`);
}

interface Which {
  readonly flavor: Flavor;
  readonly key: string;
}

function setSpec(context: CloudContext, ask: Ask, { flavor, key }: Which): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-flavor-extra-specs:update');
  const body = readNova(ask, z.record(z.string(), value));
  const wanted = body[key];
  if (wanted === undefined) throw refuse(400, 'Request body and URI mismatch');
  context.state.compute.extraSpecs[flavor.id] = { ...specsOf(context, flavor), [key]: wanted };
  return json(200, { [key]: wanted });
}

function dropSpec(context: CloudContext, ask: Ask, { flavor, key }: Which): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-flavor-extra-specs:delete');
  oneSpec(context, flavor, key);
  const { [key]: _, ...rest } = specsOf(context, flavor);
  context.state.compute.extraSpecs[flavor.id] = rest;
  return { ...empty(202), status: 200 };
}
