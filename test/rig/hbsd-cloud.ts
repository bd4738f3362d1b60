/** One real cloud with Hitachi's driver below it: what the checks ask of Cinder and Nova. */
import * as z from 'zod';
import { pause } from './hbsd-report.ts';
import type { Answer, Caller, RigSite } from './site.ts';

const volumeSchema = z.object({
  id: z.string(),
  name: z.string().nullable(),
  status: z.string(),
  size: z.number(),
  bootable: z.string(),
  attachments: z.array(z.object({ attachment_id: z.string(), server_id: z.string().nullable() })),
  volume_image_metadata: z.record(z.string(), z.string()).default({}),
  'os-vol-host-attr:host': z.string().nullable(),
});
export type VolumeView = z.infer<typeof volumeSchema>;

const named = z.object({ id: z.string(), name: z.string() });

/** Names of everything that a run makes, so that the next one can clear up after a killed one. */
export const PREFIX = 'hbsd-check';

const SECONDS = 120;
/** In which something still happens. */
const MOVING = new Set([
  ...['creating', 'downloading', 'deleting', 'extending', 'attaching', 'detaching'],
  ...['reserved', 'unmanaging', 'managing', 'BUILD', 'DELETING'],
]);

export class Cloud {
  readonly caller: Caller;
  readonly pool: string;
  readonly projectId: string;

  constructor(site: RigSite, caller: Caller) {
    this.caller = caller;
    this.pool = site.backends.hbsd ?? '';
    this.projectId = site.projectId;
  }

  /** Throws when the answer is none of `fine`. */
  async ask(line: string, body?: object, fine: readonly number[] = [200, 202, 204]) {
    const answer = await this.caller.volume(line, body);
    return this.checked(line, answer, fine);
  }

  async askNova(line: string, body?: object, fine: readonly number[] = [200, 202, 204]) {
    return this.checked(line, await this.caller.compute(line, body), fine);
  }

  private checked(line: string, answer: Answer, fine: readonly number[]): Answer {
    if (fine.includes(answer.status)) return answer;
    throw new Error(`${line}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  /** Accepted, and no more. */
  async order(more: object = {}): Promise<string> {
    const volume = { name: PREFIX, size: 1, volume_type: 'hbsd', ...more };
    const { body } = await this.ask('POST /volumes', { volume });
    return z.object({ volume: z.object({ id: z.string() }) }).parse(body).volume.id;
  }

  async create(more: object = {}): Promise<string> {
    const id = await this.order(more);
    await this.reaches(id, 'available');
    return id;
  }

  async volumes(): Promise<VolumeView[]> {
    const { body } = await this.ask('GET /volumes/detail');
    return z.object({ volumes: z.array(volumeSchema) }).parse(body).volumes;
  }

  /** Undefined when Cinder does not know it. */
  async volume(id: string): Promise<VolumeView | undefined> {
    const { status, body } = await this.ask(`GET /volumes/${id}`, undefined, [200, 404]);
    return status === 404 ? undefined : z.object({ volume: volumeSchema }).parse(body).volume;
  }

  async state(id: string): Promise<string> {
    return (await this.volume(id))?.status ?? 'gone';
  }

  /** The state in which it comes to rest. */
  async rest(read: () => Promise<string>, seconds = SECONDS): Promise<string> {
    let state = await read();
    for (const since = Date.now(); MOVING.has(state); state = await read()) {
      if (Date.now() - since > seconds * 1000) return state;
      await pause(150);
    }
    return state;
  }

  async reaches(id: string, wanted: string, seconds = SECONDS): Promise<void> {
    await until(`volume ${id} to be ${wanted}`, () => this.state(id), wanted, seconds);
  }

  act(id: string, action: object, fine?: readonly number[]): Promise<Answer> {
    return this.ask(`POST /volumes/${id}/action`, action, fine);
  }

  async remove(id: string): Promise<void> {
    await this.ask(`DELETE /volumes/${id}`);
    await this.reaches(id, 'gone');
  }

  async snapshot(volumeId: string): Promise<string> {
    const snapshot = { volume_id: volumeId, name: PREFIX };
    const { body } = await this.ask('POST /snapshots', { snapshot });
    return z.object({ snapshot: z.object({ id: z.string() }) }).parse(body).snapshot.id;
  }

  async snapshotState(id: string): Promise<string> {
    const { status, body } = await this.ask(`GET /snapshots/${id}`, undefined, [200, 404]);
    if (status === 404) return 'gone';
    return z.object({ snapshot: z.object({ status: z.string() }) }).parse(body).snapshot.status;
  }

  /** Takes an LDEV over; the volume's id, whatever becomes of it. */
  async manage(ref: object): Promise<string> {
    const volume = { host: this.pool, name: PREFIX, ref, volume_type: 'hbsd' };
    const { body } = await this.ask('POST /manageable_volumes', { volume });
    return z.object({ volume: z.object({ id: z.string() }) }).parse(body).volume.id;
  }

  /** Manages, and says where it came to rest; an error leaves a row, which is removed. */
  async managed(ref: object): Promise<{ id: string; status: string }> {
    const id = await this.manage(ref);
    return { id, status: await this.rest(() => this.state(id)) };
  }

  async boot(volumeId: string, more: object = {}): Promise<string> {
    await this.act(volumeId, { 'os-set_bootable': { bootable: true } });
    const { body } = await this.askNova('GET /flavors');
    const { flavors } = z.object({ flavors: z.array(named) }).parse(body);
    const disk = { boot_index: 0, uuid: volumeId, source_type: 'volume', ...more };
    const server = {
      name: PREFIX,
      flavorRef: flavors.find(({ name }) => name === 'c1.m2')?.id,
      networks: 'none',
      block_device_mapping_v2: [
        { destination_type: 'volume', delete_on_termination: false, ...disk },
      ],
    };
    const booted = await this.askNova('POST /servers', { server });
    const { id } = z.object({ server: z.object({ id: z.string() }) }).parse(booted.body).server;
    await until(`server ${id} to be ACTIVE`, () => this.serverState(id), 'ACTIVE', SECONDS);
    return id;
  }

  async serverState(id: string): Promise<string> {
    const { status, body } = await this.askNova(`GET /servers/${id}`, undefined, [200, 404]);
    if (status === 404) return 'gone';
    return z.object({ server: z.object({ status: z.string() }) }).parse(body).server.status;
  }

  async removeServer(id: string): Promise<void> {
    await this.askNova(`DELETE /servers/${id}`);
    await until(`server ${id} to be gone`, () => this.serverState(id), 'gone', SECONDS);
  }

  async attach(serverId: string, volumeId: string): Promise<void> {
    const volumeAttachment = { volumeId };
    await this.askNova(`POST /servers/${serverId}/os-volume_attachments`, { volumeAttachment });
    await this.reaches(volumeId, 'in-use');
  }

  async detach(serverId: string, volumeId: string): Promise<void> {
    await this.askNova(`DELETE /servers/${serverId}/os-volume_attachments/${volumeId}`);
    await this.reaches(volumeId, 'available');
  }

  /** State of the back end's service as people see it: `up`/`up` is well. */
  async service(): Promise<{ state: string; backend: string | null }> {
    const [host = ''] = this.pool.split('#');
    const { body } = await this.ask(`GET /os-services?binary=cinder-volume&host=${host}`);
    const line = z.object({ state: z.string(), backend_state: z.string().nullable() });
    const { services } = z.object({ services: z.array(line) }).parse(body);
    const [one] = services;
    return { state: one?.state ?? 'absent', backend: one?.backend_state ?? null };
  }

  /** Rows and servers that a killed run left; LDEVs are no matter, its arrays are gone. */
  async clearUp(): Promise<void> {
    const { body } = await this.askNova('GET /servers');
    const { servers } = z.object({ servers: z.array(named) }).parse(body);
    for (const { id, name } of servers) if (name === PREFIX) await this.removeServer(id);
    const { snapshots } = z
      .object({ snapshots: z.array(named.extend({ name: z.string().nullable() })) })
      .parse((await this.ask('GET /snapshots')).body);
    for (const { id, name } of snapshots) {
      if (name === PREFIX) await this.ask(`DELETE /snapshots/${id}`);
    }
    const left = (await this.volumes()).filter(({ name }) => name === PREFIX);
    await Promise.all(left.map(({ id }) => this.scrap(id)));
  }

  /** Removes a row in whatever state it is. */
  async scrap(id: string): Promise<void> {
    await this.act(id, { 'os-force_delete': {} }, [202, 404]);
    await this.reaches(id, 'gone');
  }
}

async function until(
  what: string,
  read: () => Promise<string>,
  ...[wanted, seconds]: [string, number]
): Promise<void> {
  let state = await read();
  for (const since = Date.now(); state !== wanted; state = await read()) {
    const lost = /error/i.test(state) && !/error/i.test(wanted);
    const late = Date.now() - since > seconds * 1000;
    if (lost || late) throw new Error(`waiting for ${what}: it is ${state}`);
    await pause(150);
  }
}
