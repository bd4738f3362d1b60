/** A drill whose control plane is gone in the middle, and the process that goes on with it. */
import type { Directory } from '../../lib/approval/directory.ts';
import { networkHttp } from '../../lib/http.ts';
import { systemRandom } from '../../lib/random.ts';
import { advance } from '../../lib/run/advance.ts';
import type { Ask } from '../../lib/run/inbox.ts';
import { memoryBlobs, memoryStore } from '../../lib/store/memory.ts';
import { createWorker, readKeys } from '../../lib/worker.ts';
import type { Centre, Process } from './centre.ts';

const LOST_RUN = 'r-c0c0c0c0c0';

/** A drill that came as far as its servers, then nothing is left but the disks of the gateways. */
export async function lostDrill(centre: Centre): Promise<void> {
  const { clock, config, folder } = centre;
  const gateways = config.sites.map(({ id }) => centre.gateway(['run', folder.gateway(id)]));
  await Promise.all(gateways.map((one) => one.until(/listens on/)));
  const store = memoryStore();
  const standing = async (id: string) => {
    const roles = config.people.find((person) => person.id === id)?.roles ?? [];
    return { state: 'known', roles, flags: [], sharedChannel: false } as const;
  };
  const directory: Directory = { lookup: standing, recheck: standing };
  const { engine } = await createWorker({
    ...{ store, blobs: memoryBlobs(), http: networkHttp(), clock, random: systemRandom, directory },
    ...{ configFolder: folder.config, runbookFolder: 'runbooks' },
    keys: await readKeys(folder.keys, config),
  });
  const say = (handle: string, ask: Ask) =>
    store.putInbox({
      ...{
        run: LOST_RUN,
        person: centre.idOf(handle),
        at: clock.now(),
        delivery: `${handle} says`,
      },
      body: JSON.stringify({ v: 1, origin: { via: 'cli' }, ask }),
    });
  await say('kim', { verb: 'open', runbook: 'drill-copy', service: 'loans' });
  for (let approved = false; ; ) {
    const { pace, shown } = await advance(engine, LOST_RUN, clock.now() + 2_000);
    const planHash = shown?.head.planHash;
    if (!approved && shown?.head.state === 'awaiting-approval' && planHash !== undefined) {
      for (const handle of ['lee', 'park']) await say(handle, { verb: 'approve', planHash });
      approved = true;
    }
    const sent = shown?.events.some(
      ({ type, data }) => type === 'outcome' && 'step' in data && data.step === 'boot',
    );
    if (sent === true) break;
    if (shown?.head.state === 'ended') throw new Error(JSON.stringify(shown.head.result));
    if (pace.next === 'wait') await clock.sleep(Math.min(pace.ms, 2_000));
  }
  for (const { child, ended } of gateways) {
    child.kill('SIGKILL');
    await ended;
  }
}

/** `gateway continue`, every answer written down before. */
export function goOn(centre: Centre): Process {
  const line = (words: string, handle: string, text: string) =>
    `${words} by ${centre.idOf(handle)} with ${centre.keyOf(handle)}: ${text}`;
  const lines = [
    ...[line('approve', 'lee', ''), line('approve', 'park', '')],
    ...[line('performed database', 'choi', 'done'), line('witnessed database', 'han', 'seen')],
    line('confirm business', 'jung', 'works'),
  ];
  const home = centre.folder.gateway('dr');
  return centre.gateway(
    ['continue', home, '--run', LOST_RUN, '--without', 'main', '--json'],
    lines,
  );
}
