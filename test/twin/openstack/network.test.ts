import { cloudUnderTest, NETWORK, PORTS, session } from './support.ts';

describe('Neutron', () => {
  it('has a DHCP port in each network and no other', async () => {
    const api = await session(cloudUnderTest());
    const { body } = await api(`GET ${PORTS}?network_id=${NETWORK}`);
    expect(body.ports.map((port: { device_owner: string }) => port.device_owner)).toEqual([
      'network:dhcp',
    ]);
    const network = (await api(`GET /network/v2.0/networks/${NETWORK}`)).body.network;
    expect(network).toMatchObject({
      'router:external': false,
      shared: false,
      'provider:segmentation_id': 901,
    });
    const missing = await api('GET /network/v2.0/networks/x');
    expect(missing.body.NeutronError.type).toBe('NetworkNotFound');
  });

  it('gives an address and a MAC away once', async () => {
    const api = await session(cloudUnderTest());
    const wish = { network_id: NETWORK, fixed_ips: [{ ip_address: '10.90.1.11' }] };
    const first = await api(`POST ${PORTS}`, {
      port: { ...wish, mac_address: 'fa:16:3e:00:00:01' },
    });
    expect(first.status).toBe(201);
    const again = await api(`POST ${PORTS}`, { port: wish });
    expect([again.status, again.body.NeutronError.type]).toEqual([
      409,
      'IpAddressAlreadyAllocated',
    ]);
    const mac = { network_id: NETWORK, mac_address: 'FA:16:3E:00:00:01' };
    expect((await api(`POST ${PORTS}`, { port: mac })).body.NeutronError.type).toBe(
      'MacAddressInUse',
    );
    const foreign = { network_id: NETWORK, fixed_ips: [{ ip_address: '10.91.1.11' }] };
    expect((await api(`POST ${PORTS}`, { port: foreign })).status).toBe(400);
    const { id } = first.body.port;
    expect((await api(`DELETE ${PORTS}/${id}`)).status).toBe(204);
    expect((await api(`DELETE ${PORTS}/${id}`)).status).toBe(404);
    expect((await api(`POST ${PORTS}`, { port: wish })).status).toBe(201);
  });
});
