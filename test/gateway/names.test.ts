/** Names: only those on the list, from a real name server or from a zone file, never from memory. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPrograms, type Programs } from './programs.ts';
import { codeOf, gatewayFolder, type House, openHouse } from './support.ts';

const NAME = 'payments.bank.example';
const TYPES = { a: 1, cname: 5, aaaa: 28 } as const;

/** Just enough of RFC 1035: answers each question with the records it has, or with an error. */
class NameServer {
  readonly socket: Socket = createSocket('udp4');
  /** `<name>` -> alias or IPv4 address. */
  records = new Map<string, string>();
  /** Answer code where there is no record: 3 = there is no such name, 2 = the server failed. */
  otherwise = 3;
  asked = 0;

  async open(): Promise<string> {
    this.socket.on('message', (query, from) => {
      this.asked += 1;
      this.socket.send(this.answer(query), from.port, from.address);
    });
    this.socket.bind(0, '127.0.0.1');
    await once(this.socket, 'listening');
    return `127.0.0.1:${this.socket.address().port}`;
  }

  private answer(query: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.subarray(at + 1, at + 1 + length).toString());
      at += 1 + length;
    }
    const type = query.readUInt16BE(at + 1);
    const question = query.subarray(12, at + 5);
    const found = this.chain(labels.join('.').toLowerCase(), type);
    const known = found.length > 0 || this.records.has(labels.join('.').toLowerCase());
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8180 | (known ? 0 : this.otherwise), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(found.length, 6);
    return Buffer.concat([head, question, ...found]);
  }

  /** The alias, and the address behind it. */
  private chain(name: string, type: number): Buffer[] {
    const value = this.records.get(name);
    if (value === undefined) return [];
    const isAddress = /^[\d.]+$/.test(value);
    if (isAddress) return type === TYPES.a ? [record(name, TYPES.a, value)] : [];
    return [
      record(name, TYPES.cname, value),
      ...(type === TYPES.cname ? [] : this.chain(value, type)),
    ];
  }
}

function record(name: string, type: number, value: string): Buffer {
  const data = type === TYPES.a ? Buffer.from(value.split('.').map(Number)) : encoded(value);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  // It may be kept for an hour: that nobody does is what is tested.
  fixed.writeUInt32BE(3_600, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([encoded(name), fixed, data]);
}

const encoded = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);

const found = async (house: House, name = NAME): Promise<unknown> => {
  const { status, body } = await house.gateway.read('dns', `/${name}`);
  const { aliases, addresses } = JSON.parse(body);
  return { status, aliases, addresses };
};

describe('a name server', () => {
  const server = new NameServer();
  let house: House;
  beforeAll(async () => {
    const servers = [await server.open()];
    house = openHouse({ folder: gatewayFolder({ dns: { names: [NAME], servers } }) });
  });
  afterAll(() => server.socket.close());

  test('is asked each time', async () => {
    server.records = new Map([
      [NAME, 'main.bank.example'],
      ['main.bank.example', '192.0.2.10'],
    ]);
    const before = { status: 200, aliases: ['main.bank.example'], addresses: ['192.0.2.10'] };
    expect(await found(house)).toEqual(before);
    server.records.set(NAME, '198.51.100.10');
    expect(await found(house)).toEqual({ status: 200, aliases: [], addresses: ['198.51.100.10'] });
  });

  test('that knows no such name says so; one that fails says nothing', async () => {
    server.records = new Map();
    expect(await found(house)).toEqual({ status: 404, aliases: [], addresses: [] });
    server.otherwise = 2;
    expect(await codeOf(house.gateway.read('dns', `/${NAME}`))).toBe('GW-TARGET-SILENT');
  });

  test('is asked for names on the list and no others', async () => {
    const asked = server.asked;
    for (const path of ['/other.bank.example', NAME, `/${NAME}.`, `/${NAME}/x`, '/', '']) {
      expect(await codeOf(house.gateway.read('dns', path))).toBe('GW-READ');
    }
    expect(await codeOf(house.gateway.read('dns:x', `/${NAME}`))).toBe('GW-READ');
    expect(await codeOf(openHouse().gateway.read('dns', `/${NAME}`))).toBe('GW-READ');
    expect(server.asked).toBe(asked);
  });
});

describe('a zone file', () => {
  let programs: Programs;
  beforeEach(() => {
    programs = openPrograms();
  });
  afterEach(() => programs.remove());

  test('is read each time', async () => {
    const dns = { names: [NAME], zone: 'zone.txt' };
    const house = openHouse({ folder: { ...gatewayFolder({ dns }), home: programs.home } });
    const zone = join(programs.home, 'zone.txt');
    const write = (...lines: string[]) => writeFileSync(zone, lines.join('\n'));
    expect(await codeOf(house.gateway.read('dns', `/${NAME}`))).toBe('GW-TARGET-SILENT');
    write(`; ${NAME}. IN A 192.0.2.99`, `${NAME}. 60 IN CNAME dr.bank.example. ; now`);
    expect(await found(house)).toEqual({
      status: 200,
      aliases: ['dr.bank.example'],
      addresses: [],
    });
    write(`${NAME}. IN CNAME dr.bank.example.`, 'dr.bank.example. 60 IN A 198.51.100.10');
    expect(await found(house)).toMatchObject({ addresses: ['198.51.100.10'] });
    rmSync(zone);
    write('other.bank.example. 60 IN A 192.0.2.10');
    expect(await found(house)).toEqual({ status: 404, aliases: [], addresses: [] });
  });
});
