/** The engine at a gateway of the bank, with the cloud, its store and Slack gone for ever. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { askOf, putAsk, type Signer, signAs } from '../../lib/gateway/alone/answers.ts';
import { continueRun, keptRun, offerHere } from '../../lib/gateway/alone/continue.ts';
import { aloneKey, openPlane, type Plane } from '../../lib/gateway/alone/plane.ts';
import { openDisk } from '../../lib/gateway/server/disk.ts';
import { createGateway } from '../../lib/gateway/server/gateway.ts';
import { loadGatewayFolder } from '../../lib/gateway/server/settings.ts';
import type { Http } from '../../lib/http.ts';
import { seededRandom } from '../../lib/random.ts';
import { advance, type Shown } from '../../lib/run/advance.ts';
import { folderBlobs } from '../../lib/store/files.ts';
import type { Bank } from './bank.ts';

/** A person's own key, as it lies on a stick in that person's drawer. */
export function signerFor(bank: Bank, plane: Plane, person: string): Signer {
  const handle = bank.config.people.find(({ id }) => id === person)?.handle ?? '';
  const privateKey = readFileSync(join(bank.folder.keys, 'people', `${handle}.pem`), 'utf8');
  const key = plane.trust().people.find(({ id }) => id === person)?.keys?.[0]?.id ?? '';
  return { person, key, privateKey };
}

export interface Alone {
  readonly plane: Plane;
  /** The gateway's doors, for whoever still knocks. */
  readonly handle: Http;
  /** Folder and key that evidence is written with. */
  readonly evidence: { readonly folder: string; readonly privateKey: string };
  close(): Promise<void>;
}

/** Another life of the gateway, with the engine in it. The old process is gone. */
export async function openAlone(bank: Bank, site = 'dr', without: string[] = []): Promise<Alone> {
  bank.killGateway(site);
  const home = bank.folder.gateway(site);
  const disk = join(home, 'disk');
  const deps = {
    clock: bank.clock,
    random: seededRandom(`alone ${bank.clock.now()}`),
    say: () => {},
  };
  const folder = await loadGatewayFolder(home);
  const log = await openDisk({ folder: disk, site, ...deps });
  const blobs = folderBlobs(join(disk, 'blobs'));
  const alone = aloneKey(folder);
  const gateway = createGateway({
    ...{ folder, disk: log, blobs, alone, http: bank.world.http, peerHttp: bank.network, ...deps },
  });
  await gateway.settle();
  bank.clock.advance(1_500);
  const plane = await openPlane({
    ...{ folder, disk, entries: log.entries, gateway, blobs, http: bank.network, ...deps },
    without,
  });
  const { privateKey } = folder.key;
  const evidence = { folder: join(disk, 'plane'), privateKey };
  return {
    plane,
    handle: gateway.handle,
    evidence,
    close: async () => {
      await plane.close();
      await gateway.close();
    },
  };
}

/** Two approvers of the bank who did not ask for it sign with their own keys. */
export async function takeOver(bank: Bank, plane: Plane, run: string) {
  const kept = keptRun(plane, run);
  const statements = approversOf(plane).map((person) =>
    signAs(plane, offerHere(plane, kept), signerFor(bank, plane, person)),
  );
  await continueRun(plane, kept, { statements, reason: 'the cloud is gone' });
}

export const approversOf = (plane: Plane): string[] =>
  plane
    .trust()
    .people.filter(({ roles }) => roles.includes('dr-approver'))
    .map(({ id }) => id)
    .slice(0, 2);

/** The same two people approve a new run there; up to class `copy` their word is enough. */
async function approveThere(plane: Plane, run: string, { head }: Shown): Promise<void> {
  const { planHash } = head;
  if (planHash === undefined) return;
  for (const person of approversOf(plane)) {
    await putAsk(plane, run, { ask: { verb: 'approve', planHash }, person });
  }
}

/** Lets the run go on, people doing their parts, until it ended. */
export async function finishAlone(bank: Bank, { plane }: Alone, run: string): Promise<Shown> {
  const person = (role: string) =>
    plane.trust().people.find(({ roles }) => roles.includes(role))?.id ?? '';
  for (let i = 0; i < 500; i++) {
    const { pace, shown } = await advance(plane.engine, run, bank.clock.now() + 60_000);
    if (shown === undefined) throw new Error(`run ${run} is not at this gateway`);
    const { head } = shown;
    if (head.state === 'ended' && pace.next === 'end') return shown;
    const [ask] = head.asks;
    if (ask !== undefined) {
      const [part = 'confirmed'] = ask.parts;
      const verb = part === 'confirmed' ? 'confirm' : part;
      const by = person(part === 'witnessed' ? 'operator' : ask.role);
      const typed = { verb, step: ask.step, person: by, keyFile: '', text: 'seen' };
      const order = askOf(typed);
      if (order !== undefined) await putAsk(plane, run, { ask: order, person: by });
    } else if (head.state === 'awaiting-approval') {
      await approveThere(plane, run, shown);
    } else if (head.pause !== undefined) {
      throw new Error(`paused: ${JSON.stringify(head.pause)}`);
    }
    if (pace.next === 'wait') bank.clock.advance(Math.min(pace.ms, 60_000));
  }
  throw new Error('it did not come to rest');
}
