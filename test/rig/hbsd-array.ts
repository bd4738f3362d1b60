/**
 * An array as its administrator sees it: REST over TLS. The authority of its certificate comes from
 * NODE_EXTRA_CA_CERTS, and nothing else is trusted for it.
 */
import * as z from 'zod';
import { pause } from './hbsd-report.ts';

export interface ArrayFacts {
  readonly storageDeviceId: string;
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

const pathSchema = z.object({
  portId: z.string(),
  hostGroupNumber: z.number(),
  hostGroupName: z.string(),
  lun: z.number(),
});
const ldevSchema = z.object({
  ldevId: z.number(),
  emulationType: z.string(),
  label: z.string().default(''),
  blockCapacity: z.number().default(0),
  numOfPorts: z.number().default(0),
  ports: z.array(pathSchema).default([]),
  attributes: z.array(z.string()).default([]),
  status: z.string().default(''),
});
export type LdevView = z.infer<typeof ldevSchema>;

const snapshotSchema = z.object({
  pvolLdevId: z.number(),
  svolLdevId: z.number().optional(),
  muNumber: z.number(),
  status: z.string(),
});

const jobSchema = z.object({
  status: z.string(),
  state: z.string(),
  affectedResources: z.array(z.string()).default([]),
  error: z.unknown().optional(),
});

interface Change {
  readonly body?: object;
  /** The other array, when the change needs its consent. */
  readonly peer?: ArrayDesk;
}

export const BLOCKS_PER_GIB = 2_097_152;
export const labelOf = (volumeId: string): string => volumeId.replaceAll('-', '');

export class ArrayDesk {
  private token = '';
  readonly facts: ArrayFacts;

  constructor(facts: ArrayFacts) {
    this.facts = facts;
  }

  async ldev(ldevId: number): Promise<LdevView> {
    return ldevSchema.parse(await this.read(`ldevs/${ldevId}`));
  }

  /** Those that are defined. */
  async ldevs(): Promise<LdevView[]> {
    const list = z.object({ data: z.array(ldevSchema) });
    return list.parse(await this.read('ldevs?ldevOption=dpVolume&count=16384')).data;
  }

  async labelled(volumeId: string): Promise<LdevView[]> {
    return (await this.ldevs()).filter(({ label }) => label === labelOf(volumeId));
  }

  async snapshotsOf(pvol: number) {
    const list = z.object({ data: z.array(snapshotSchema) });
    return list.parse(await this.read(`snapshots?pvolLdevId=${pvol}`)).data;
  }

  /** iSCSI names in a target. */
  async initiators(portId: string, hostGroupNumber: number): Promise<string[]> {
    const list = z.object({ data: z.array(z.object({ iscsiName: z.string() })) });
    const where = `portId=${portId}&hostGroupNumber=${hostGroupNumber}`;
    return list.parse(await this.read(`host-iscsis?${where}`)).data.map((one) => one.iscsiName);
  }

  async read(path: string): Promise<unknown> {
    const { status, body } = await this.ask('GET', path, {});
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** The job when it has ended; throws when the array refuses, at once or in the job. */
  async change(line: string, change: Change = {}) {
    const [method = '', path = ''] = line.split(' ');
    const { status, body } = await this.ask(method, path, change);
    const job = jobSchema.safeParse(body);
    if (status !== 202 || job.data?.state !== 'Succeeded') {
      throw new Error(`${line}: ${status} ${JSON.stringify(body)}`);
    }
    return job.data;
  }

  async session(): Promise<string> {
    if (this.token === '') await this.login();
    return `Session ${this.token}`;
  }

  private async ask(method: string, path: string, { body, peer }: Change) {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await fetch(`${this.base}/${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          authorization: await this.session(),
          'response-max-wait': '60',
          'response-job-status': 'Completed;',
          ...(peer === undefined ? {} : { 'remote-authorization': await peer.session() }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const said: unknown = await answer.json();
      if (answer.status !== 401 || attempt > 1) return { status: answer.status, body: said };
      this.token = '';
    }
  }

  private async login(): Promise<void> {
    const { user, password } = this.facts;
    const basic = Buffer.from(`${user}:${password}`).toString('base64');
    const answer = await fetch(`${this.base}/sessions`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
    });
    this.token = z.object({ token: z.string() }).parse(await answer.json()).token;
  }

  private get base(): string {
    return `${this.facts.url}/v1/objects/storages/${this.facts.storageDeviceId}`;
  }
}

const pairsSchema = z.object({
  copyPairs: z.array(
    z.object({ pvolStatus: z.string().optional(), svolStatus: z.string().optional() }),
  ),
});

/** Waits until all pairs of a group show `wanted` on the side that is read. */
export async function untilPairs(desk: ArrayDesk, group: string, wanted: string): Promise<void> {
  for (let polls = 0; polls < 300; polls += 1) {
    const { copyPairs } = pairsSchema.parse(await desk.read(group));
    const states = copyPairs.map(({ pvolStatus, svolStatus }) => pvolStatus ?? svolStatus);
    if (states.every((state) => state === wanted)) return;
    await pause(200);
  }
  throw new Error(`${group} does not reach ${wanted}`);
}
