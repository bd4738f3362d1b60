/**
 * Journals of runs on this gateway's disk, as their control planes send them: with nothing else
 * alive, a run is finished from here. Lines are kept only where they chain; lines that do not are
 * another history of the same run and are kept beside, never over it.
 */
import * as z from 'zod';
import { sha256 } from '../../canonical.ts';
import { GatewayError } from '../errors.ts';
import type { JournalKept, JournalLines } from '../protocol.ts';
import type { Parts } from './gateway.ts';
import type { Kept } from './pages.ts';

export interface Journals {
  /** Resolves when the lines are on the disk. Rejects with GW-JOURNAL or GW-BODY. */
  keep(body: JournalLines): Promise<JournalKept>;
}

/** Larger texts stay with the control plane: no message is large enough for them. */
const TEXT_MAX = 3_145_728;
/** Those above are asked for apart: no call waits for them. */
const SMALL_TEXT = 65_536;
/** Texts asked for at a time, bytes. */
const ASK_FOR = 262_144;

/** All that a gateway must understand of a line: it serves control planes newer than itself. */
const linkSchema = z.looseObject({
  run: z.string(),
  seq: z.int(),
  prev: z.string(),
  evidence: z.array(z.looseObject({ sha256: z.string(), bytes: z.int() })),
});
type Link = z.infer<typeof linkSchema>;

export function openJournals(parts: Parts): Journals {
  /** One at a time per run: the same lines may come twice side by side. */
  const turns = new Map<string, Promise<unknown>>();
  const shelves = new Map<string, Shelf>();

  async function keep(body: JournalLines): Promise<JournalKept> {
    const { run, blobs = [] } = body;
    await keepLines(parts, body);
    const kept = parts.book.journal(run);
    const shelf = shelves.get(run) ?? { read: 0, absent: new Map(), present: new Set() };
    // Names of runs are the sender's: nothing is remembered of one that has no line here.
    if (kept.have > 0) shelves.set(run, shelf);
    await look(shelf, kept, parts.blobs);
    // What stands behind a gap names these texts: they come again with it.
    if (body.from <= kept.have + 1) {
      await Promise.all(blobs.map((text) => put(shelf, text, parts.blobs)));
    }
    if (parts.blobs === undefined) return { have: kept.have, wants: [] };
    const large = [...shelf.absent].flatMap(([name, bytes]) => (bytes > SMALL_TEXT ? [name] : []));
    const wants = wantsOf(shelf);
    return { have: kept.have, wants, ...(large.length === 0 ? {} : { large }) };
  }

  return {
    keep: (body) => {
      const turn = (turns.get(body.run) ?? Promise.resolve())
        .catch(() => undefined)
        .then(() => keep(body))
        .finally(() => {
          if (turns.get(body.run) === turn) turns.delete(body.run);
        });
      turns.set(body.run, turn);
      return turn;
    },
  };
}

/** Texts that the lines of one run name: how many lines were looked at, and what is not here yet. */
interface Shelf {
  read: number;
  readonly absent: Map<string, number>;
  readonly present: Set<string>;
}

/** Looks at lines that are new, once each: a run may have very many. */
async function look(shelf: Shelf, { lines }: Kept, blobs: Parts['blobs']): Promise<void> {
  for (const line of lines.slice(shelf.read)) {
    for (const { sha256: name, bytes } of linkSchema.parse(JSON.parse(line)).evidence) {
      if (bytes > TEXT_MAX || shelf.present.has(name) || shelf.absent.has(name)) continue;
      const found = await blobs?.get(name).catch(() => undefined);
      if (found === undefined) shelf.absent.set(name, bytes);
      else shelf.present.add(name);
    }
  }
  shelf.read = lines.length;
}

async function put(shelf: Shelf, text: string, blobs: Parts['blobs']): Promise<void> {
  const name = sha256(text);
  if (shelf.present.has(name)) return;
  if (!shelf.absent.has(name)) throw new GatewayError('GW-BODY', `No line names the text ${name}.`);
  await blobs?.put(text);
  shelf.absent.delete(name);
  shelf.present.add(name);
}

function wantsOf({ absent }: Shelf): string[] {
  const wants: string[] = [];
  let room = ASK_FOR;
  for (const [name, bytes] of absent) {
    if (bytes > SMALL_TEXT) continue;
    room -= bytes;
    if (room < 0 && wants.length > 0) break;
    wants.push(name);
  }
  return wants;
}

async function keepLines(parts: Parts, { run, from, lines }: JournalLines): Promise<void> {
  const kept = parts.book.journal(run);
  const links = lines.map((line, index) => linkOf(line, { run, seq: from + index }));
  let { have, tail } = kept;
  const fresh: string[] = [];
  for (const [index, line] of lines.entries()) {
    const seq = from + index;
    // A gap: the answer says how far this disk is, and the sender begins there.
    if (seq > have + 1) return;
    const known = kept.lines[seq - kept.from];
    if (seq <= kept.have && (known === undefined || known === line)) continue;
    const follows = seq === have + 1 && (have === 0 || links[index]?.prev === tail);
    if (!follows) return keepFork(parts, { run, from: seq, lines: lines.slice(index) });
    fresh.push(line);
    have = seq;
    tail = sha256(line);
  }
  if (fresh.length === 0) return;
  const at = parts.clock.now();
  await parts.book.write({ type: 'lines', at, run, from: kept.have + 1, lines: fresh });
}

/** Evidence of two histories: written once, and the sender is told. */
async function keepFork(parts: Parts, fork: Omit<JournalLines, 'blobs'>): Promise<never> {
  const there = parts.book.forks(fork.run);
  const known = new Set(there.flatMap(({ lines }) => lines));
  if (fork.lines.some((line) => !known.has(line))) {
    await parts.book.write({ type: 'fork', at: parts.clock.now(), ...fork });
  }
  throw new GatewayError('GW-JOURNAL', `Line ${fork.from} of ${fork.run} has two versions.`);
}

function linkOf(line: string, at: { readonly run: string; readonly seq: number }): Link {
  try {
    const link = linkSchema.parse(JSON.parse(line));
    if (link.run === at.run && link.seq === at.seq) return link;
  } catch (cause) {
    throw new GatewayError('GW-BODY', `Line ${at.seq} of ${at.run} is no journal line.`, { cause });
  }
  throw new GatewayError('GW-BODY', `Line ${at.seq} of ${at.run} belongs elsewhere.`);
}
