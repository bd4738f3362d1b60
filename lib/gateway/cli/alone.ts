/** What `continue` and `failover` share: the gateway serves, and the engine works in its process. */
import { join } from 'node:path';
import { packOf } from '../alone/conduct.ts';
import { type Desk, work } from '../alone/desk.ts';
import { aloneKey, openPlane, type Plane } from '../alone/plane.ts';
import type { ExitCode, Terminal } from './command.ts';
import { type Inhabitant, type Service, serve } from './run.ts';

export interface AloneOptions {
  readonly folder: string;
  readonly json: boolean;
  /** Sites that are given up. */
  readonly without: readonly string[];
}

/** What is to be done once the engine stands; answers the run, or undefined when nothing is. */
export type Begin = (plane: Plane, desk: Desk) => Promise<string | undefined>;

export async function workAlone(
  { folder, json, without }: AloneOptions,
  terminal: Terminal,
  begin: Begin,
): Promise<ExitCode> {
  const inhabitant: Inhabitant = {
    believed: aloneKey,
    work: async (service) => {
      const plane = await planeOf(service, terminal, without);
      const desk = deskOf(terminal, json);
      const run = await begin(plane, desk);
      const result = run === undefined ? undefined : await work(plane, run, desk);
      if (run === undefined || result === undefined) {
        await plane.close();
        return 1;
      }
      const { privateKey } = service.folder.key;
      const place = { folder: join(folder, 'disk', 'plane'), privateKey };
      const pack = await packOf(plane, run, place).catch(desk.complain);
      await plane.close();
      terminal.out(endOf({ run, result, pack: pack ?? null }, json));
      return result === 'passed' ? 0 : 1;
    },
  };
  return serve(folder, terminal, inhabitant);
}

/** Without a pack the run has ended all the same: its lines are here, and the command can be repeated. */
function endOf(
  end: { readonly run: string; readonly result: string; readonly pack: string | null },
  json: boolean,
): string {
  if (json) return JSON.stringify(end);
  const evidence =
    end.pack === null ? 'no evidence pack could be made here' : `evidence in ${end.pack}`;
  return `${end.run} ${end.result}; ${evidence}`;
}

function planeOf(
  { path, folder, disk, blobs, gateway, peerHttp }: Service,
  { clock, random }: Terminal,
  without: readonly string[],
): Promise<Plane> {
  const { entries } = disk;
  return openPlane({
    ...{ folder, entries, blobs, gateway, http: peerHttp, clock, random, without },
    disk: join(path, 'disk'),
  });
}

const deskOf = ({ out, err, ask, stop }: Terminal, json: boolean): Desk => ({
  ...{ json, stop, tell: out, ask: ask ?? (async () => '') },
  complain: (error) => err(error instanceof Error ? error.message : String(error)),
});
