/** Network ports of the twin: TLS with an authority of its own, and what networks do to answers. */
import { X509Certificate } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { type ManualClock, manualClock } from '../../lib/clock.ts';
import type { Http } from '../../lib/http.ts';
import { seededRandom } from '../../lib/random.ts';
import { authorityFrom, makeAuthority } from '../../lib/twin/doors/authority.ts';
import { type Door, type DoorFault, openDoor } from '../../lib/twin/doors/door.ts';

const random = seededRandom('doors');
const made = makeAuthority(random);
const authority = authorityFrom(made, random);

const echo: Http = async ({ method, url, body = '' }) => {
  const { pathname, protocol } = new URL(url);
  if (pathname === '/lost') throw new Error('lost');
  const text = pathname === '/empty' ? '' : JSON.stringify({ method, pathname, protocol, body });
  return { status: 200, headers: { 'x-simulator': 'true' }, body: text };
};

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One request on a connection of its own; rejects as a client would see it. */
function ask(url: string, how: { ca?: string; body?: string } = {}): Promise<Answer> {
  const options = {
    method: how.body === undefined ? 'GET' : 'POST',
    agent: false as const,
    ...(how.ca === undefined ? {} : { ca: how.ca }),
  };
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? tlsRequest : plainRequest)(
      url,
      options,
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString() }),
        );
      },
    );
    request.on('error', reject);
    request.end(how.body);
  });
}

async function withDoor(
  faults: readonly DoorFault[],
  use: (door: Door, seen: { clock: ManualClock; on: Set<DoorFault> }) => Promise<void>,
  tls = false,
): Promise<void> {
  const clock = manualClock();
  const on = new Set(faults);
  const door = await openDoor(echo, {
    name: 'array.main',
    port: 0,
    clock,
    has: (fault) => on.has(fault),
    ...(tls ? { authority } : {}),
  });
  try {
    await use(door, { clock, on });
  } finally {
    await door.close();
  }
}

describe('the authority', () => {
  it('signs certificates for loopback that verify against it alone', () => {
    const root = new X509Certificate(authority.cert);
    const leaf = new X509Certificate(authority.issue('array.main').cert);
    expect(root.ca).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect([leaf.checkIP('127.0.0.1'), leaf.checkHost('localhost')]).toEqual([
      '127.0.0.1',
      'localhost',
    ]);
    const stranger = new X509Certificate(makeAuthority(random).cert);
    expect(leaf.verify(stranger.publicKey)).toBe(false);
  });

  it('goes on from what was kept, and can issue what has expired', () => {
    const again = authorityFrom(made, random);
    const leaf = new X509Certificate(again.issue('x', { expired: true }).cert);
    expect(leaf.verify(new X509Certificate(authority.cert).publicKey)).toBe(true);
    expect(new Date(leaf.validTo).getTime()).toBeLessThan(Date.UTC(2026, 0, 1));
  });
});

describe('a door', () => {
  it('speaks TLS to whoever trusts the authority, and to nobody else', async () => {
    await withDoor(
      [],
      async ({ url }) => {
        const answer = await ask(`${url}/v1?x=1`, { ca: authority.cert, body: 'hello' });
        expect(answer.status).toBe(200);
        expect(JSON.parse(answer.body)).toEqual({
          method: 'POST',
          pathname: '/v1',
          protocol: 'https:',
          body: 'hello',
        });
        await expect(ask(url)).rejects.toMatchObject({
          code: expect.stringMatching(/SELF_SIGNED|UNABLE/),
        });
      },
      true,
    );
  });

  it('shows an expired certificate while that fault is on', async () => {
    await withDoor(
      ['certificate-expired'],
      async ({ url }, { on }) => {
        await expect(ask(url, { ca: authority.cert })).rejects.toMatchObject({
          code: 'CERT_HAS_EXPIRED',
        });
        on.clear();
        expect((await ask(url, { ca: authority.cert })).status).toBe(200);
      },
      true,
    );
  });

  it('lets the answer trickle, a byte a second', async () => {
    await withDoor(['door-slow'], async ({ url }, { clock }) => {
      const began = clock.now();
      const { body } = await ask(`${url}/`);
      expect(JSON.parse(body).pathname).toBe('/');
      expect(clock.now() - began).toBe(body.length * 1000);
    });
  });

  it.each(['/', '/empty'])('breaks the answer off in its middle (%s)', async (path) => {
    await withDoor(['door-truncated'], async ({ url }) => {
      await expect(ask(`${url}${path}`)).rejects.toThrow(/aborted|hang up|Parse Error/);
    });
  });

  it('resets the connection before the request was looked at', async () => {
    await withDoor(['door-reset'], async ({ url }) => {
      await expect(ask(`${url}/`)).rejects.toMatchObject({ code: 'ECONNRESET' });
    });
  });

  it('breaks the line when there is to be no answer, and is well with the next request', async () => {
    await withDoor([], async ({ url }) => {
      await expect(ask(`${url}/lost`)).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect((await ask(`${url}/empty`)).status).toBe(200);
    });
  });
});
