/** Volume types and their extra specs: members see of these only what concerns users. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import { uuid } from '../ids.ts';
import { Refusal } from '../refusal.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, fault, json, type Route } from '../wire.ts';
import { bodyOf, flag } from './bodies.ts';
import { bad, notFound, onlyAdmin } from './refusals.ts';
import type { VolumeType } from './state.ts';

const VISIBLE = ['RESKEY:availability_zones', 'multiattach', 'replication_enabled'];

export function typeRoutes(context: CloudContext): readonly Route[] {
  const one = (id: string | undefined) => oneType(context, id);
  return [
    ['GET', '/types', (ask) => list(context, ask)],
    ['GET', '/types/default', (ask) => show(context, ask, defaultType(context))],
    ['POST', '/types', (ask) => create(context, ask)],
    ['GET', '/types/:id', (ask, { id }) => show(context, ask, one(id))],
    ['DELETE', '/types/:id', (ask, { id }) => remove(context, ask, one(id))],
    ['GET', '/types/:id/extra_specs', (ask, { id }) => specs(context, ask, one(id))],
    ['POST', '/types/:id/extra_specs', (ask, { id }) => setSpecs(context, ask, one(id))],
    [
      'DELETE',
      '/types/:id/extra_specs/:key',
      (ask, { id, key }) => dropSpec(context, ask, { type: one(id), key }),
    ],
  ];
}

function oneType({ state }: CloudContext, id: string | undefined): VolumeType {
  const found = state.block.types.find((type) => type.id === id);
  if (found === undefined) throw notFound('Volume type', id);
  return found;
}

function defaultType({ state }: CloudContext): VolumeType {
  const [first] = state.block.types;
  if (first === undefined) throw notFound('Volume type', 'default');
  return first;
}

function list(context: CloudContext, ask: Ask): HttpResponse {
  const { admin } = callerOf(context, ask);
  const asked = ask.query.get('is_public');
  const wanted = (type: VolumeType) =>
    admin && asked !== null && asked.toLowerCase() !== 'none'
      ? String(type.isPublic) === asked.toLowerCase()
      : type.isPublic || admin;
  const found = context.state.block.types.filter(wanted);
  return json(200, { volume_types: found.map((type) => viewOf(type, admin)) });
}

function viewOf(type: VolumeType, admin: boolean) {
  return {
    id: type.id,
    name: type.name,
    is_public: type.isPublic,
    description: type.description,
    extra_specs: visible(type, admin),
    ...(admin ? { qos_specs_id: null, 'os-volume-type-access:is_public': type.isPublic } : {}),
  };
}

const visible = ({ extraSpecs }: VolumeType, admin: boolean) =>
  Object.fromEntries(Object.entries(extraSpecs).filter(([key]) => admin || VISIBLE.includes(key)));

function show(context: CloudContext, ask: Ask, type: VolumeType): HttpResponse {
  return json(200, { volume_type: viewOf(type, callerOf(context, ask).admin) });
}

const text = z.record(z.string().min(1).max(255), z.string().max(255));
const typeSchema = z.strictObject({
  volume_type: z.strictObject({
    name: z.string().min(1).max(255),
    description: z.string().nullable().optional(),
    extra_specs: text.nullable().optional(),
    'os-volume-type-access:is_public': flag.optional(),
  }),
});

function create(context: CloudContext, ask: Ask): HttpResponse {
  onlyAdmin(context, ask, 'volume_extension:type_create');
  const wish = bodyOf(ask, typeSchema).volume_type;
  const { types } = context.state.block;
  if (types.some(({ name }) => name === wish.name)) {
    throw new Refusal(fault(409, `Volume Type ${wish.name} already exists.`));
  }
  const type: VolumeType = {
    id: uuid(context.random),
    name: wish.name,
    description: wish.description ?? null,
    isPublic: wish['os-volume-type-access:is_public'] ?? true,
    extraSpecs: wish.extra_specs ?? {},
  };
  types.push(type);
  return show(context, ask, type);
}

function remove(context: CloudContext, ask: Ask, type: VolumeType): HttpResponse {
  onlyAdmin(context, ask, 'volume_extension:type_delete');
  const { block } = context.state;
  if (block.volumes.some(({ typeId }) => typeId === type.id)) {
    throw bad('Target volume type is still in use.');
  }
  block.types = block.types.filter((one) => one !== type);
  return empty(202);
}

function specs(context: CloudContext, ask: Ask, type: VolumeType): HttpResponse {
  return json(200, { extra_specs: visible(type, callerOf(context, ask).admin) });
}

function setSpecs(context: CloudContext, ask: Ask, type: VolumeType): HttpResponse {
  onlyAdmin(context, ask, 'volume_extension:types_extra_specs:create');
  const { extra_specs } = bodyOf(ask, z.strictObject({ extra_specs: text }));
  type.extraSpecs = { ...type.extraSpecs, ...extra_specs };
  return json(200, { extra_specs });
}

function dropSpec(
  context: CloudContext,
  ask: Ask,
  { type, key = '' }: { readonly type: VolumeType; readonly key: string | undefined },
): HttpResponse {
  onlyAdmin(context, ask, 'volume_extension:types_extra_specs:delete');
  if (!(key in type.extraSpecs)) {
    throw notFound(`Volume Type ${type.id} has no extra specs with key`, `${key}.`);
  }
  const { [key]: _, ...rest } = type.extraSpecs;
  type.extraSpecs = rest;
  return empty(202);
}
