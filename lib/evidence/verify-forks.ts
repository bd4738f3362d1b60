/** Forks: each is a chain that branches off the run's journal where head.json says. */
import { type JournalEvent, parseEvent } from '../run/events.ts';
import { forkPath } from './layout.ts';
import { type Files, gapIn, type Line, linesOf } from './pack-lines.ts';
import type { HeadFile } from './result.ts';

type Fork = NonNullable<HeadFile['runs'][number]['forks']>[number];

export function forksTrial(
  files: Files,
  head: HeadFile,
  of: { readonly run: string; readonly journal: readonly Line<JournalEvent>[] },
): string | undefined {
  const { run } = of;
  const named = head.runs.find((item) => item.run === run)?.forks ?? [];
  const paths = named.map(({ plane }) => forkPath(run, plane));
  for (const path of files.keys()) {
    const fork = path.startsWith(`runs/${run}/`) && path !== `runs/${run}/events.jsonl`;
    if (fork && !paths.includes(path)) return `head.json does not know ${path}`;
  }
  for (const fork of named) {
    const wrong = forkTrial(files, fork, of);
    if (wrong !== undefined) return `${fork.plane}: ${wrong}`;
  }
  return undefined;
}

function forkTrial(
  files: Files,
  fork: Fork,
  { run, journal }: { readonly run: string; readonly journal: readonly Line<JournalEvent>[] },
): string | undefined {
  const lines = linesOf(files, forkPath(run, fork.plane), parseEvent);
  const [first] = lines;
  if (first?.value.seq !== fork.after + 1) return `does not begin behind event ${fork.after}`;
  // Nothing in common: then both begin with the record that opened the run.
  const before = fork.after === 0 ? journal[0]?.value.prev : journal[fork.after - 1]?.hash;
  if (first.value.prev !== before) return `does not branch off at event ${fork.after}`;
  if (first.hash === journal[fork.after]?.hash) return 'branches off later than head.json says';
  if (lines.some(({ value }) => value.run !== run)) return 'an event of another run';
  const gap = gapIn(lines);
  if (gap !== undefined) return gap;
  if (lines.length !== fork.events) return `${lines.length} events, head.json says otherwise`;
  return lines.at(-1)?.hash === fork.head ? undefined : 'last hash is not the head';
}
