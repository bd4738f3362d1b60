/** A world in which a fault is switched on, looked at through the front door, and switched off. */
import type { HttpResponse } from '../../../lib/http.ts';
import type { Fault } from '../../../lib/twin/scenario.ts';
import { originOf } from '../../../lib/twin/world.ts';
import { basic, bench, cloudSession } from '../world-support.ts';

export interface Seen {
  readonly status: number;
  readonly headers: HttpResponse['headers'];
  readonly text: string;
  /** Looked at freely: a test fails on what is not there. */
  readonly body: ReturnType<typeof JSON.parse>;
}

export type Cloud = Awaited<ReturnType<typeof cloudSession>>;

export interface Place {
  readonly world: ReturnType<typeof bench>['world'];
  readonly clock: ReturnType<typeof bench>['clock'];
  /** A request to the array of a site with a session of its own: `GET ldevs/1000`. */
  array(site: string, line: string, body?: unknown): Promise<Seen>;
  /** The same with a session that was opened before the fault. */
  kept(line: string): Promise<Seen>;
  /** A caller of the DR cloud with a token of its own. */
  cloud(): Promise<Cloud>;
  /** The caller that logged in before the fault. */
  readonly keptCloud: Cloud;
}

/** What one fault does, seen from outside. */
export interface Case {
  /** What is struck, when it is not the usual. */
  readonly where?: Omit<Fault, 'name'>;
  readonly see: (place: Place) => Promise<unknown>;
  readonly well: unknown;
  readonly ill: unknown;
  /** Time that passes before it is looked at again: with the fault on, and after it (ms). */
  readonly onMs?: number;
  readonly healMs?: number;
}

const seen = (answer: HttpResponse): Seen => ({
  status: answer.status,
  headers: answer.headers,
  text: answer.body,
  body: answer.headers['content-type']?.startsWith('application/json')
    ? JSON.parse(answer.body)
    : undefined,
});

/** In a new world, or anew in one that is there. */
export async function place(there: Pick<Place, 'world' | 'clock'> = bench()): Promise<Place> {
  const { world, clock } = there;
  async function send(site: string, line: string, more: { token: string; body?: unknown }) {
    const [method = '', path = ''] = line.split(' ');
    const { token, body } = more;
    return seen(
      await world.http({
        method,
        url: `${originOf('array', site)}/ConfigurationManager/v1/objects/${path}`,
        headers: { authorization: token, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  }
  async function opened(site: string) {
    const answer = await send(site, 'POST sessions', { token: basic(world, site) });
    return { answer, token: `Session ${answer.body?.token}` };
  }
  const first = await opened('dr');
  return {
    world,
    clock,
    async array(site, line, body) {
      const { answer, token } = await opened(site);
      if (answer.status !== 200) return answer;
      const said = await send(site, line, { token, body });
      await send(site, `DELETE sessions/${answer.body.sessionId}`, { token });
      return said;
    },
    kept: (line) => send('dr', line, { token: first.token }),
    cloud: () => cloudSession(world),
    keptCloud: await cloudSession(world),
  };
}

/** What came of a request: its answer's status, or that the line broke. */
export async function outcome(asked: Promise<{ readonly status: number }>) {
  try {
    return (await asked).status;
  } catch {
    return 'no answer';
  }
}
