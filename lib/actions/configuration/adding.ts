/** The calls that make at DR what is only at main, kind by kind. */
import type { ConfigurationKind } from '../../mapping.ts';
import { bootVolumeName } from '../../openstack/configuration/answers.ts';
import {
  creating,
  fieldsAs,
  gatewayInfo,
  gatewayOf,
  isBorn,
  legs,
  list,
  type Maker,
  networkFields,
  quotas,
  routes,
  rules,
  same,
  specs,
  subnetFields,
  table,
  text,
} from './pieces.ts';

export const adding: Readonly<Partial<Record<ConfigurationKind, Maker>>> = {
  projects: ({ difference: { value }, key }) => {
    const { name = '', enabled = true } = value;
    return [creating('keystone', '/projects', { project: { name, description: key, enabled } })];
  },
  flavors: ({ difference: { value }, key }) => {
    const names = {
      name: 'name',
      vcpus: 'vcpus',
      ramMiB: 'ram',
      diskGiB: 'disk',
      swapMiB: 'swap',
      ephemeralGiB: 'OS-FLV-EXT-DATA:ephemeral',
      public: 'os-flavor-access:is_public',
    };
    const body = { flavor: { ...fieldsAs(value, names), id: key } };
    return [creating('nova', '/flavors', body), ...specs('nova', key, value)];
  },
  volumeTypes: ({ difference: { value } }) => {
    const names = { name: 'name', public: 'os-volume-type-access:is_public' };
    const body = { ...fieldsAs(value, names), extra_specs: table(value['extraSpecs']) };
    return [creating('cinder', '/types', { volume_type: body })];
  },
  networks: ({ difference: { value }, ref, key }) => {
    const names = {
      ...networkFields,
      name: 'name',
      external: 'router:external',
      networkType: 'provider:network_type',
      physicalNetwork: 'provider:physical_network',
      segment: 'provider:segmentation_id',
    };
    const own = { description: key, project_id: ref('projects', text(value['project'])) };
    const network = { ...fieldsAs(value, names), ...own };
    return [creating('neutron', '/v2.0/networks', { network })];
  },
  subnets: ({ difference: { value }, ref, key }) => {
    const names = { ...subnetFields, name: 'name', cidr: 'cidr', ipVersion: 'ip_version' };
    const own = { description: key, network_id: ref('networks', text(value['network'])) };
    const subnet = { ...fieldsAs(value, names), ...gatewayOf(value), ...own };
    return [creating('neutron', '/v2.0/subnets', { subnet })];
  },
  securityGroups: ({ difference: { name, value }, ref, key }) => {
    const wanted = list(value['rules']);
    // Neutron makes the default group of a project itself, when somebody first looks.
    if (value['name'] === 'default') return [];
    const project_id = ref('projects', text(value['project']));
    const body = { name: text(value['name']), description: key, project_id };
    return [
      creating('neutron', '/v2.0/security-groups', { security_group: body }),
      ...rules(
        ref('securityGroups', name),
        wanted.filter((rule) => !isBorn(rule)),
        ref,
      ),
    ];
  },
  routers: ({ difference: { name, value }, ref, key }) => {
    const own = { description: key, project_id: ref('projects', text(value['project'])) };
    const names = { name: 'name', up: 'admin_state_up' };
    const body = { ...fieldsAs(value, names), ...gatewayInfo(value, ref), ...own };
    const router = ref('routers', name);
    return [
      creating('neutron', '/v2.0/routers', { router: body }),
      ...legs(router, list(value['subnets']), ref),
      ...routes(router, value),
    ];
  },
  keypairs: ({ difference: { value }, ref }) => {
    const names = { name: 'name', type: 'type', publicKey: 'public_key' };
    const keypair = { ...fieldsAs(value, names), user_id: ref('users', text(value['user'])) };
    return [creating('nova', '/os-keypairs', { keypair })];
  },
  quotas,
  imageVolumes: ({ difference: { value }, ref, key }) => {
    const name = text(value['name']);
    const volume = {
      name: bootVolumeName(name),
      size: Number(value['sizeGiB']),
      imageRef: ref('images', name),
      metadata: { 'drillbook-key': key },
    };
    const made = creating('cinder', '/volumes', { volume });
    return [{ ...made, isThere: (seen) => same(seen?.['hash'], value['hash']) }];
  },
};
