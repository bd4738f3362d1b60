/** What `continue` and `failover` share: the gateway serves, and the engine works in its process. */
import { join } from 'node:path';
import { packOf } from '../alone/conduct.ts';
import { type Desk, work } from '../alone/desk.ts';
import { aloneKey, openPlane, type Plane } from '../alone/plane.ts';
import { openSheet, type Sheet } from '../alone/sheet.ts';
import type { ExitCode, Terminal } from './command.ts';
import { type Inhabitant, type Service, serve } from './run.ts';

export interface AloneOptions {
  readonly folder: string;
  readonly json: boolean;
  /** Sites that are given up. */
  readonly without: readonly string[];
  /** What would be typed, written down before; with any of it nobody is asked. */
  readonly answer: readonly string[];
}

/** Options of both commands, and what their help says of them. */
export const aloneOptions = {
  run: { type: 'string' as const },
  without: { type: 'string' as const, multiple: true as const, default: [] as string[] },
  answer: { type: 'string' as const, multiple: true as const, default: [] as string[] },
  json: { type: 'boolean' as const, default: false },
};

export const aloneHelp = [
  '  --without <site>   nothing is asked of the gateway of that site',
  '  --answer <line>    what would be typed, given when it fits; as often as needed. Lines that come',
  '                     through a pipe are taken in the same way',
  '  --json             one JSON object a line',
].join('\n');

/** What is to be done once the engine stands; answers the run, or undefined when nothing is. */
export type Begin = (plane: Plane, desk: Desk) => Promise<string | undefined>;

export async function workAlone(
  { folder, json, without, answer }: AloneOptions,
  terminal: Terminal,
  begin: Begin,
): Promise<ExitCode> {
  const inhabitant: Inhabitant = {
    believed: aloneKey,
    work: async (service) => {
      const plane = await planeOf(service, terminal, without);
      const desk = deskOf(terminal, { json, answer });
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

function deskOf(
  { out, err, ask, pipe, stop }: Terminal,
  { json, answer }: Pick<AloneOptions, 'json' | 'answer'>,
): Desk {
  const complain = (error: unknown) => err(error instanceof Error ? error.message : String(error));
  const desk = { json, stop, tell: out, complain };
  if (pipe === undefined && answer.length === 0) return { ...desk, ask: ask ?? (async () => '') };
  const sheet = openSheet(answer);
  void fill(sheet, pipe).catch(complain);
  return { ...desk, ask: async (_question, fits = () => false) => sheet.take(fits) };
}

async function fill(sheet: Sheet, pipe: Terminal['pipe']): Promise<void> {
  for await (const line of pipe ?? []) if (line.trim() !== '') sheet.add(line);
}
