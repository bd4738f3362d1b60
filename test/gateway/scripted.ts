/** An array and a cloud by script: just enough answers, and a list of what they accepted. */
import type { ManualClock } from '../../lib/clock.ts';
import type { Http, HttpRequest, HttpResponse } from '../../lib/http.ts';
import { GROUP, ids } from './plan.ts';

export interface ScriptedSite {
  readonly http: Http;
  /** `METHOD path` of all accepted changes. */
  readonly accepted: string[];
  /** Bodies of accepted changes by the same text. */
  readonly bodies: Map<string, string>;
  /** Everything that was asked, logins included. */
  readonly asked: string[];
  /** What the target really uses to let one in: must be found nowhere else. */
  readonly tokens: string[];
  state: {
    clones: 'PAIR' | 'PSUS';
    volume: string;
    servers: { id: string; metadata: Record<string, string> }[];
    ports: { id: string; name: string; network_id: string }[];
  };
  /** Called before a change is answered: may throw (no answer), or answer itself. */
  onChange: (request: HttpRequest) => HttpResponse | undefined | Promise<HttpResponse | undefined>;
  /** Called after a change took place: throwing here loses the answer, not the effect. */
  afterChange: (request: HttpRequest) => void;
  onLogin: () => HttpResponse | undefined;
  onRead: (request: HttpRequest) => HttpResponse | undefined;
  revoke(): void;
}

const json = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: { date: 'Sun, 22 Nov 2026 01:00:00 GMT', 'x-simulator': 'true' },
  body: body === '' ? '' : JSON.stringify(body),
});

export function scriptedSite(clock: ManualClock): ScriptedSite {
  let logins = 0;
  let valid = new Set<string>();
  const site: ScriptedSite = {
    accepted: [],
    bodies: new Map(),
    asked: [],
    tokens: [],
    state: { clones: 'PAIR', volume: 'maintenance', servers: [], ports: [] },
    onChange: () => undefined,
    afterChange: () => {},
    onLogin: () => undefined,
    onRead: () => undefined,
    revoke: () => {
      valid = new Set();
    },
    http: async (request) => {
      const { pathname, host } = new URL(request.url);
      site.asked.push(`${request.method} ${request.url}`);
      if (host.startsWith('10.')) return json(200, { status: 'ok', via: request.proxy });
      const login = loginOf(request, pathname);
      if (login !== undefined) return login;
      const token = request.headers['x-auth-token'] ?? request.headers['authorization'] ?? '';
      if (!valid.has(token.replace('Session ', ''))) return json(401, { error: {} });
      if (request.method === 'GET') return site.onRead(request) ?? read(site, pathname);
      if (request.method === 'DELETE' && /\/sessions\/\d+$/.test(pathname)) return json(200, {});
      const scripted = await site.onChange(request);
      if (scripted !== undefined) return scripted;
      const name = `${request.method} ${pathname}`;
      site.accepted.push(name);
      site.bodies.set(name, request.body ?? '');
      const answer = change(site, request, pathname);
      site.afterChange(request);
      return answer;
    },
  };

  function loginOf(request: HttpRequest, path: string): HttpResponse | undefined {
    const token = `token-${logins + 1}-secret`;
    if (request.method !== 'POST') return undefined;
    if (path.endsWith('/sessions') || path === '/identity/v3/auth/tokens') {
      const scripted = site.onLogin();
      if (scripted !== undefined) return scripted;
      logins++;
      valid.add(token);
      site.tokens.push(token);
      if (path.endsWith('/sessions')) return json(200, { token, sessionId: logins });
      const expires = new Date(clock.now() + 3_600_000).toISOString();
      const answer = json(201, { token: { expires_at: expires, catalog } });
      return { ...answer, headers: { ...answer.headers, 'x-subject-token': token } };
    }
    return undefined;
  }
  return site;
}

const endpoint = (type: string, path: string) => ({
  type,
  endpoints: [
    { interface: 'admin', region_id: 'R', url: 'http://wrong.dr' },
    { interface: 'public', region_id: 'R', url: `http://cloud.dr${path}` },
  ],
});
const catalog = [
  endpoint('volumev3', '/volume/v3/p1'),
  endpoint('compute', '/compute/v2.1'),
  endpoint('network', '/network'),
];

function read(site: ScriptedSite, path: string): HttpResponse {
  const { clones, volume, servers, ports } = site.state;
  if (path.endsWith(`local-clone-copygroups/${GROUP}`)) {
    const [pvolStatus, svolStatus] = clones === 'PAIR' ? ['PAIR', 'PAIR'] : ['PSUS', 'SSUS'];
    const pair = { copyPairName: 'pair1', pvolLdevId: 1201, svolLdevId: 1301, pvolMuNumber: 0 };
    return json(200, {
      ...{ copyGroupName: 'PAY01-DRILL', pvolDeviceGroupName: 'P', svolDeviceGroupName: 'S' },
      copyPairs: [
        { ...pair, pvolStatus, svolStatus, copyProgressRate: 100, consistencyGroupId: 5 },
      ],
    });
  }
  if (path.endsWith(`/volumes/${ids.copyVolume}`)) {
    const one = { id: ids.copyVolume, status: volume, size: 10, attachments: [] };
    return json(200, { volume: one });
  }
  const ldev = /\/ldevs\/(\d+)$/.exec(path)?.[1];
  if (ldev !== undefined) {
    return json(200, { ldevId: Number(ldev), attributes: ['CVS', 'HDP'] });
  }
  if (path.endsWith('/auth/projects')) return json(200, { projects: [{ name: 'drill' }] });
  if (path.endsWith('/servers/detail')) return json(200, { servers });
  if (path.endsWith('/v2.0/ports')) return json(200, { ports });
  return json(200, {});
}

function change(site: ScriptedSite, request: HttpRequest, path: string): HttpResponse {
  const { state } = site;
  if (path.endsWith('/split/invoke')) state.clones = 'PSUS';
  if (path.endsWith('/resync/invoke')) state.clones = 'PAIR';
  if (path.endsWith('/invoke')) return json(202, { jobId: 7, status: 'Initializing' });
  if (path.endsWith('/action')) {
    state.volume = JSON.parse(request.body ?? '')['os-reset_status'].status;
    return json(202, '');
  }
  if (path.endsWith('/v2.0/ports')) {
    const { port } = JSON.parse(request.body ?? '');
    state.ports.push({ ...port, id: `port-${state.ports.length + 1}` });
    return json(201, { port: state.ports.at(-1) });
  }
  if (path.endsWith('/servers')) {
    const { server } = JSON.parse(request.body ?? '');
    const id = `server-${state.servers.length + 1}`;
    state.servers.push({ id, metadata: server.metadata });
    return json(202, { server: { id } });
  }
  const id = path.split('/').at(-1);
  const gone = state.servers.filter((one) => one.id !== id);
  const found = gone.length < state.servers.length;
  state.servers = gone;
  return found ? json(204, '') : json(404, { itemNotFound: {} });
}
