/** Ports as they are read; each is a target and, on Fibre Channel, leads to the other array too. */
import type { TopologyArray } from '../../topology.ts';
import type { Parts } from '../parts.ts';
import type { ObjectRoutes } from '../room.ts';
import { missing } from '../wire.ts';

type Port = TopologyArray['ports'][number];

const ATTRIBUTES = ['TAR', 'MCU', 'RCU', 'ELUN'];

export const portRoutes: ObjectRoutes = {
  type: 'ports',
  list: (parts, { query }) => {
    const [type, attribute] = [query.get('portType'), query.get('portAttributes')];
    const found = parts.spec.ports.filter(
      ({ portType }) =>
        (type === null || type === portType) &&
        (attribute === null || ATTRIBUTES.includes(attribute)),
    );
    return { data: found.map((port) => portView(parts, port)) };
  },
  one: (parts, { ids }) => {
    const found = parts.spec.ports.find(({ portId }) => portId === ids.join(','));
    if (found === undefined) throw missing(`port ${ids.join(',')}`);
    return { ...portView(parts, found), ...addressOf(parts, found) };
  },
};

function portView(parts: Parts, { portId, portType }: Port) {
  const same = { portId, portType, portAttributes: ATTRIBUTES, portSpeed: 'AUT' };
  const security = { lunSecuritySetting: true };
  if (portType === 'ISCSI') return { ...same, portMode: 'SCSI', ...security };
  const wwn = wwnOf(parts, portId);
  const loop = { loopId: 'EF', fabricMode: true, portConnection: 'PtoP' };
  return { ...same, ...loop, ...security, portMode: 'SCSI', wwn };
}

/** `CL3-A` is the third of cluster letter A: every port of every array has a number of its own. */
function placeOf({ spec }: Parts, portId: string): number {
  return spec.ports.findIndex((port) => port.portId === portId);
}

function serialOf({ spec }: Parts): number {
  return Number(spec.storageDeviceId.slice(6));
}

function wwnOf(parts: Parts, portId: string): string {
  const serial = serialOf(parts).toString(16).padStart(6, '0').slice(-4);
  return `50060e8007${serial}${placeOf(parts, portId).toString(16).padStart(2, '0')}`;
}

/** Only a single port is shown with its addresses. They are of a block kept for documentation. */
function addressOf(parts: Parts, { portId, portType }: Port) {
  if (portType !== 'ISCSI') return {};
  const host = 10 + (serialOf(parts) % 10) * 20 + placeOf(parts, portId);
  return {
    tcpPort: 3260,
    ipv4Address: `198.51.100.${host}`,
    ipv4Subnetmask: '255.255.255.0',
    ipv4GatewayAddress: '0.0.0.0',
    ipv6LinkLocalAddress: { status: 'INV', addressingMode: 'AM', address: 'fe80::' },
    linkMTU: 1500,
  };
}
