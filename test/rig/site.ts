/** A caller of one real site of the rig, and what is known of it. */
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';

const siteSchema = z.object({
  authUrl: z.string(),
  username: z.string(),
  password: z.string(),
  project: z.string(),
  projectId: z.string(),
  cinder: z.string(),
  nova: z.string(),
  logs: z.string(),
  backends: z.object({ file: z.string(), hbsd: z.string().nullable() }),
});
export type RigSite = z.infer<typeof siteSchema>;

const rigSchema = z.object({
  sites: z.object({ main: siteSchema, dr: siteSchema }),
  /** Control door of the simulated arrays below the `hbsd` back ends. */
  twinControl: z.string().nullable(),
});

/** The rig that runs, or undefined when there is none. */
export function runningRig() {
  const folder = process.env['DRILLBOOK_RIG'] ?? path.join(tmpdir(), 'drillbook-rig');
  const file = path.join(folder, 'rig.json');
  return existsSync(file) ? rigSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Caller {
  volume(line: string, body?: unknown): Promise<Answer>;
  compute(line: string, body?: unknown): Promise<Answer>;
}

/** Logs in as the operator. Lines are `METHOD /path` below the project. */
export async function callerAt(site: RigSite): Promise<Caller> {
  const domain = { name: 'Default' };
  const user = { name: site.username, password: site.password, domain };
  const login = await fetch(`${site.authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user } },
        scope: { project: { name: site.project, domain } },
      },
    }),
  });
  const token = login.headers.get('x-subject-token') ?? '';
  const call = async (base: string, version: string, line: string, body?: unknown) => {
    const [method = 'GET', where = '/'] = line.split(' ');
    const answer = await fetch(`${base}${where}`, {
      method,
      headers: {
        'content-type': 'application/json',
        'x-auth-token': token,
        'openstack-api-version': version,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = /^[[{]/.test(text);
    return { status: answer.status, body: json ? JSON.parse(text) : undefined };
  };
  const volumes = `${site.cinder}/v3/${site.projectId}`;
  return {
    volume: (line, body) => call(volumes, 'volume 3.59', line, body),
    compute: (line, body) => call(`${site.nova}/v2.1`, 'compute 2.79', line, body),
  };
}
