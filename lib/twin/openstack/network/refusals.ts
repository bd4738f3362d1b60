/** Neutron's refusals, by the names of its exceptions: what clients tell one 409 from another by. */
import { Refusal } from '../refusal.ts';
import { neutronError } from '../wire.ts';

const refuse = (status: number, type: string, message: string): Refusal =>
  new Refusal(neutronError(status, type, message));

const notFound = {
  network: ['NetworkNotFound', 'Network # could not be found.'],
  subnet: ['SubnetNotFound', 'Subnet # could not be found.'],
  port: ['PortNotFound', 'Port # could not be found.'],
  router: ['RouterNotFound', 'Router # could not be found'],
  security_group: ['SecurityGroupNotFound', 'Security group # does not exist'],
  security_group_rule: ['SecurityGroupRuleNotFound', 'Security group rule # does not exist'],
  floatingip: ['FloatingIPNotFound', 'Floating IP # could not be found'],
  agent: ['AgentNotFound', 'Agent # could not be found.'],
  tag: ['TagNotFound', 'Tag # could not be found.'],
} as const;

export function missing(kind: keyof typeof notFound, id: string | undefined): Refusal {
  const [type, text] = notFound[kind];
  return refuse(404, type, text.replace('#', String(id)));
}

export const badRequest = (message: string): Refusal => refuse(400, 'HTTPBadRequest', message);

export const invalidInput = (reason: string): Refusal =>
  refuse(400, 'InvalidInput', `Invalid input for operation: ${reason}.`);

export const badRouter = (reason: string): Refusal =>
  refuse(400, 'BadRequest', `Bad router request: ${reason}.`);

export const denied = (rule: string): Refusal =>
  refuse(403, 'PolicyNotAuthorized', `rule:${rule} is disallowed by policy`);

export const overQuota = (kind: string): Refusal =>
  refuse(409, 'OverQuota', `Quota exceeded for resources: ['${kind}'].`);

const unable = 'Unable to complete operation on';

export const conflict = {
  networkInUse: (id: string) =>
    refuse(
      409,
      'NetworkInUse',
      `${unable} network ${id}. There are one or more ports still in use on the network.`,
    ),
  subnetInUse: (id: string) =>
    refuse(
      409,
      'SubnetInUse',
      `${unable} subnet ${id}: One or more ports have an IP allocation from this subnet.`,
    ),
  ipTaken: (ip: string, subnet: string) =>
    refuse(
      409,
      'IpAddressAlreadyAllocated',
      `IP address ${ip} already allocated in subnet ${subnet}`,
    ),
  noAddress: (network: string) =>
    refuse(
      409,
      'IpAddressGenerationFailure',
      `No more IP addresses available on network ${network}.`,
    ),
  macTaken: (mac: string, network: string) =>
    refuse(
      409,
      'MacAddressInUse',
      `Unable to complete operation for network ${network}. The mac address ${mac} is in use.`,
    ),
  portInUse: (id: string, network: string, device: string) =>
    refuse(
      409,
      'PortInUse',
      `${unable} port ${id} for network ${network}. ` +
        `Port already has an attached device ${device}.`,
    ),
  servicePort: (id: string, owner: string) =>
    refuse(
      409,
      'ServicePortInUse',
      `Port ${id} cannot be deleted directly via the port API: has device owner ${owner}.`,
    ),
  segmentTaken: (segment: number, physical: string) =>
    refuse(
      409,
      'VlanIdInUse',
      `Unable to create the network. The VLAN ${segment} on physical network ${physical} is in use.`,
    ),
  routerInUse: (id: string) => refuse(409, 'RouterInUse', `Router ${id} still has ports`),
  routerGatewayFloating: (id: string, network: string) =>
    refuse(
      409,
      'RouterExternalGatewayInUseByFloatingIp',
      `Gateway cannot be updated for router ${id}, since a gateway to external network ` +
        `${network} is required by one or more floating IPs.`,
    ),
  routerInterfaceFloating: (id: string, subnet: string) =>
    refuse(
      409,
      'RouterInterfaceInUseByFloatingIP',
      `Router interface for subnet ${subnet} on router ${id} cannot be deleted, ` +
        'as it is required by one or more floating IPs.',
    ),
  noInterface: (id: string, subnet: string) =>
    refuse(
      404,
      'RouterInterfaceNotFoundForSubnet',
      `Router ${id} has no interface on subnet ${subnet}`,
    ),
  noInterfacePort: (id: string, port: string) =>
    refuse(
      404,
      'RouterInterfaceNotFound',
      `Router ${id} does not have an interface with id ${port}`,
    ),
  groupInUse: (id: string) => refuse(409, 'SecurityGroupInUse', `Security Group ${id} in use.`),
  groupIsDefault: () =>
    refuse(
      409,
      'SecurityGroupCannotRemoveDefault',
      'Insufficient rights for removing default security group.',
    ),
  defaultGroupExists: () =>
    refuse(409, 'SecurityGroupDefaultAlreadyExists', 'Default security group already exists.'),
  ruleExists: (id: string) =>
    refuse(409, 'SecurityGroupRuleExists', `Security group rule already exists. Rule id is ${id}.`),
  floatingTaken: (port: string, ip: string) =>
    refuse(
      409,
      'FloatingIPPortAlreadyAssociated',
      `Cannot associate floating IP with port ${port} using fixed IP ${ip}, ` +
        'as that fixed IP already has a floating IP.',
    ),
  floatingUnreachable: (network: string, subnet: string) =>
    refuse(
      404,
      'ExternalGatewayForFloatingIPNotFound',
      `External network ${network} is not reachable from subnet ${subnet}.  ` +
        'Therefore, cannot associate Port with a Floating IP.',
    ),
} as const;

export const badAddress = (ip: string): Refusal =>
  refuse(
    400,
    'InvalidIpForNetwork',
    `IP address ${ip} is not a valid IP for any of the subnets on the specified network.`,
  );

export const badSubnetAddress = (): Refusal =>
  refuse(400, 'InvalidIpForSubnet', 'IP address is not a valid IP for the specified subnet.');
