/**
 * `inventory/assert-clean`: what this run made is gone and what it changed is back. Things that
 * others made or changed are listed and left alone.
 */
import * as z from 'zod';
import type { Verdict } from '../../run/verdict.ts';
import { boundOf } from '../../runbook/bound.ts';
import { cloneClass } from '../../vsp/pairs.ts';
import type { ClonePair } from '../../vsp/schema.ts';
import type { Action, StepView } from '../action.ts';
import { maySent } from '../judging.ts';
import type { Seen } from '../reads.ts';
import {
  cloneOf,
  type ReplicationSample,
  sampleReplication,
  seeClones,
  volumesOf,
} from '../replicas.ts';
import { KEY_PREFIX, resetOf } from '../servers/made.ts';
import { type CloudSeen, seeCloud } from '../servers/seen.ts';

const input = z.strictObject({});

interface Observed {
  readonly cloud: CloudSeen;
  readonly pairs: Seen<readonly ClonePair[]>;
  readonly replication: ReplicationSample;
}

export const inventoryAssertClean: Action<z.infer<typeof input>, Observed> = {
  name: 'inventory/assert-clean',
  input,
  title: { ko: '잔여물 없음 확인', en: 'Nothing of this run is left' },
  withinMs: 5 * 60_000,
  pollMs: 5_000,
  facts: ['replication', 'clone', 'volumes', 'network'],
  preexisting: 'accept',
  repeatable: true,
  plan: () => [],
  observe: async (view, _input, read) => ({
    cloud: await seeCloud(read, view, {
      site: cloneOf(view.plan.facts).site,
      network: boundOf(view.plan.facts).network?.id ?? '',
      volumes: volumesOf(view.plan.facts).map((volume) => volume.copyVolume),
    }),
    pairs: await seeClones(read, view.plan),
    replication: await sampleReplication(read, view.plan),
  }),
  judge: (observed, _input, view) => ({ verdicts: { [view.step.id]: verdictOf(observed, view) } }),
};

/** What is ours and still there, what is not ours, and what could not be read. */
interface Found {
  readonly ours: readonly string[];
  readonly foreign: readonly string[];
  readonly unread: readonly string[];
}

function verdictOf(observed: Observed, view: StepView): Verdict {
  const parts = [
    objects(observed.cloud, view),
    volumes(observed.cloud, view),
    copies(observed.pairs, view),
  ];
  const ours = parts.flatMap((part) => part.ours);
  const foreign = parts.flatMap((part) => part.foreign);
  const unread = parts.flatMap((part) => part.unread);
  const reading = { left: ours, foreign, replication: [...observed.replication.states] };
  if (unread.length > 0) return { state: 'pending', reason: unread.join('; '), reading };
  if (ours.length > 0)
    return { state: 'pending', reason: `Still there: ${ours.join('; ')}`, reading };
  return { state: 'done', reading };
}

/** Servers and ports, by key. */
function objects({ servers, ports }: CloudSeen, view: StepView): Found {
  const keys = new Set(view.plan.calls.flatMap((call) => call.creates?.key ?? []));
  const unread = [servers, ports].flatMap((seen) => (seen.ok ? [] : [seen.why]));
  const named = [
    ...(servers.ok ? servers.value : []).map((server) => ({
      key: server.metadata['drillbook-key'] ?? '',
      text: `server ${server.name} (${server.id})`,
    })),
    ...(ports.ok ? ports.value : [])
      .filter((port) => port.device_owner !== 'network:dhcp')
      .map((port) => ({ key: port.name, text: `port ${port.name} (${port.id})` })),
  ];
  const isOther = (key: string) => !keys.has(key);
  const onNetwork = named.filter(
    ({ key, text }) => text.startsWith('port') || key.startsWith(KEY_PREFIX),
  );
  return {
    ours: named.filter(({ key }) => !isOther(key)).map(({ text }) => text),
    foreign: onNetwork.filter(({ key }) => isOther(key)).map(({ text }) => text),
    unread,
  };
}

/** Copy volumes are parked; one that this run never unparked is somebody else's doing. */
function volumes({ volumes: seen }: CloudSeen, view: StepView): Found {
  const touched = new Set(
    view.plan.calls
      .filter((call) => maySent(view.mine[call.id]))
      .flatMap((call) => resetOf(call)?.volume ?? []),
  );
  const open = [...seen].flatMap(([id, volume]) =>
    volume.ok && volume.value.status !== 'maintenance'
      ? [{ id, text: `volume ${id} is ${volume.value.status}` }]
      : [],
  );
  return {
    ours: open.filter(({ id }) => touched.has(id)).map(({ text }) => text),
    foreign: open.filter(({ id }) => !touched.has(id)).map(({ text }) => text),
    unread: [...seen.values()].flatMap((volume) => (volume.ok ? [] : [volume.why])),
  };
}

/** Copies that this run did not split are left as they were found. */
function copies(pairs: Seen<readonly ClonePair[]>, view: StepView): Found {
  if (!pairs.ok) return { ours: [], foreign: [], unread: [pairs.why] };
  const { group } = cloneOf(view.plan.facts);
  const state = cloneClass(pairs.value);
  if (state === 'paired') return { ours: [], foreign: [], unread: [] };
  const split = view.plan.calls.some(
    (call) => call.path.endsWith('/actions/split/invoke') && maySent(view.mine[call.id]),
  );
  const text = [`copies of ${group} are ${state}`];
  return split ? { ours: text, foreign: [], unread: [] } : { ours: [], foreign: text, unread: [] };
}
