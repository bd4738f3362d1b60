/** The calls that make what is at both sites the same, and those that remove what is only at DR. */
import type { ConfigurationKind } from '../../mapping.ts';
import type { Difference, Json } from '../../openstack/configuration/difference.ts';
import {
  exists,
  fieldsAs,
  gatewayInfo,
  gatewayOf,
  legs,
  list,
  type Maker,
  networkFields,
  type Piece,
  quotas,
  routes,
  rules,
  same,
  specs,
  subnetFields,
  table,
  updating,
  type Value,
} from './pieces.ts';

/** Fields that can be changed where the object is, by kind; of lists only what is missing is added. */
const changeable: Readonly<Partial<Record<ConfigurationKind, readonly string[]>>> = {
  flavors: ['extraSpecs'],
  volumeTypes: ['extraSpecs'],
  networks: Object.keys(networkFields),
  subnets: [...Object.keys(subnetFields), 'gateway'],
  securityGroups: ['rules'],
  routers: ['up', 'gateway', 'subnets', 'routes'],
  quotas: ['compute', 'volume', 'network'],
};

export const changing: Readonly<Partial<Record<ConfigurationKind, Maker>>> = {
  flavors: ({ difference: { id, value } }) => specs('nova', id, value),
  volumeTypes: ({ difference: { id, value } }) => specs('cinder', id, value),
  networks: ({ difference }) => {
    const { value, fields } = changed(difference);
    const body = fieldsAs(value, networkFields);
    return [updating('network', `/v2.0/networks/${difference.id}`, { body, value, fields })];
  },
  subnets: ({ difference }) => {
    const { value, fields } = changed(difference);
    const body = { ...fieldsAs(value, subnetFields), ...gatewayOf(value) };
    return [updating('subnet', `/v2.0/subnets/${difference.id}`, { body, value, fields })];
  },
  securityGroups: ({ difference, ref }) => rules(difference.id, missing(difference, 'rules'), ref),
  routers: ({ difference, ref }) => {
    const { value, fields } = changed(difference);
    const own = fields.filter((one) => one === 'up' || one === 'gateway');
    const body = { ...fieldsAs(value, { up: 'admin_state_up' }), ...gatewayInfo(value, ref) };
    const path = `/v2.0/routers/${difference.id}`;
    return [
      ...(own.length === 0 ? [] : [updating('router', path, { body, value, fields: own })]),
      ...legs(difference.id, missing(difference, 'subnets'), ref),
      ...routes(difference.id, value),
    ];
  },
  quotas: ({ difference, ...rest }) => {
    const { project = '' } = difference.value;
    const { value } = changed(difference);
    return quotas({ ...rest, difference: { ...difference, value: { ...value, project } } });
  },
};

/** The fields that differ and can be changed, with what they should be. */
function changed({ kind, fields, value }: Difference): { value: Value; fields: string[] } {
  const names = fields.map(({ field }) => field).filter((one) => changeable[kind]?.includes(one));
  const wanted = Object.entries(value).filter(([name]) => names.includes(name));
  return { value: Object.fromEntries(wanted), fields: names };
}

function missing({ fields }: Difference, name: string): Json[] {
  const found = fields.find(({ field }) => field === name);
  const there = list(found?.dr);
  return list(found?.main).filter((one) => !there.some((other) => same(one, other)));
}

const deletePaths: Readonly<Partial<Record<ConfigurationKind, readonly [string, string]>>> = {
  flavors: ['nova', '/flavors'],
  volumeTypes: ['cinder', '/types'],
  networks: ['neutron', '/v2.0/networks'],
  subnets: ['neutron', '/v2.0/subnets'],
  securityGroups: ['neutron', '/v2.0/security-groups'],
  routers: ['neutron', '/v2.0/routers'],
};

/** undefined: nothing of this kind is ever deleted by us. */
export function deleting({ kind, id }: Difference): Piece | undefined {
  const [api, path] = deletePaths[kind] ?? [];
  if (api === undefined || id === '') return undefined;
  return {
    verb: 'delete',
    api,
    method: 'DELETE',
    path: `${path}/${id}`,
    isThere: (seen) => !exists(seen),
  };
}

/** Whether nothing of the difference is left once its calls were carried out. */
export const isWhole = ({ kind, fields }: Difference): boolean =>
  fields.every(({ field, main, dr }) => {
    if (!changeable[kind]?.includes(field)) return false;
    if (field === 'extraSpecs') return Object.keys(table(dr)).every((key) => key in table(main));
    if (field !== 'rules' && field !== 'subnets') return true;
    return list(dr).every((one) => list(main).some((other) => same(one, other)));
  });
