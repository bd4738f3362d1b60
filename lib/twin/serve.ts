/** The twin on real ports: every array, every cloud, the probe proxy and the control door. */
import type { Http } from '../http.ts';
import { controlDoor } from './control.ts';
import type { Authority } from './doors/authority.ts';
import { type Door, type DoorFault, openDoor } from './doors/door.ts';
import type { TwinDoor } from './router.ts';
import type { TwinWorld } from './world.ts';

/** 0, or a name left out, lets the system choose a port. */
export interface TwinPorts {
  /** By array id. */
  readonly arrays: Readonly<Record<string, number>>;
  /** By name of the cloud. */
  readonly clouds: Readonly<Record<string, number>>;
  readonly probe: number;
  readonly homeProbe: number;
  readonly control: number;
}

export interface TwinUrls {
  readonly arrays: Readonly<Record<string, string>>;
  readonly clouds: Readonly<Record<string, string>>;
  readonly probe: string;
  readonly homeProbe: string;
  readonly control: string;
}

export interface ServedTwin {
  readonly urls: TwinUrls;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly ports: TwinPorts;
  /** With it arrays and clouds speak TLS only; probe and control door stay plain. */
  readonly authority?: Authority | undefined;
}

const never = (): boolean => false;

/** Opens all ports; rejects with the system's error when one is taken, with none left open. */
export async function serveTwin(world: TwinWorld, options: ServeOptions): Promise<ServedTwin> {
  const { ports, authority } = options;
  const open: Door[] = [];
  const close = async () => {
    await Promise.all(open.map((one) => one.close()));
  };
  async function plain(handler: Http, port: number): Promise<string> {
    const door = await openDoor(handler, { name: 'twin', port, clock: world.clock, has: never });
    open.push(door);
    return door.url;
  }
  async function all(kind: TwinDoor['kind'], chosen: Readonly<Record<string, number>>) {
    const urls: Record<string, string> = {};
    for (const { name, origin, handler } of world.doors.filter((door) => door.kind === kind)) {
      const has = (fault: DoorFault) => world.atDoor(origin, fault);
      const at = { name: `${name}.${kind}`, port: chosen[name] ?? 0, clock: world.clock };
      const door = await openDoor(handler, { ...at, authority, has });
      open.push(door);
      world.addresses.set(origin, door.url);
      urls[name] = door.url;
    }
    return urls;
  }
  try {
    const urls = {
      arrays: await all('array', ports.arrays),
      clouds: await all('cloud', ports.clouds),
      probe: await plain(world.probe, ports.probe),
      homeProbe: await plain(world.homeProbe, ports.homeProbe),
      control: await plain(controlDoor(world, { tls: authority !== undefined }), ports.control),
    };
    return { urls, close };
  } catch (error) {
    await close();
    throw error;
  }
}
