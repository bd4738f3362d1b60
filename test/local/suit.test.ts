/** Every shipped runbook finds a service it is for, in a fresh folder and in one that is there already. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { actions } from '../../lib/actions/index.ts';
import type { Config } from '../../lib/config.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { runbookShelf } from '../../lib/load-runbooks.ts';
import { runDrill } from '../../lib/local/drill.ts';
import { openFolder } from '../../lib/local/folder.ts';
import { needs } from '../../lib/local/needs.ts';
import { portsFrom, twinPorts } from '../../lib/local/ports.ts';
import { copyConfig } from '../../lib/local/provision.ts';
import { rehearsals } from '../../lib/local/rehearsals.ts';
import { shelfOf, writeParams } from '../../lib/local/shelf.ts';
import { makeSuit, serviceFor } from '../../lib/local/suit.ts';
import { readOptions } from '../../lib/local/usage.ts';
import { findService } from '../../lib/run/moves/open.ts';
import { loadRunbook, type Runbook } from '../../lib/runbook/load.ts';
import { faultSchema } from '../../lib/twin/scenario.ts';

const root = mkdtempSync(join(tmpdir(), 'drillbook-suit-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const shelf = runbookShelf('runbooks');
const ids = await shelf.ids();
const shipped = new Map<string, Runbook>();
for (const id of ids) shipped.set(id, loadRunbook(await shelf.source(id)));
const runbookOf = (id: string): Runbook => {
  const found = shipped.get(id);
  if (found === undefined) throw new Error(`no runbook ${id}`);
  return found;
};
const ports = portsFrom(4700);

/** The configuration of a fresh folder that was made for the runbook, and the service chosen for it. */
async function madeFor(
  runbook: string,
): Promise<{ readonly config: Config; readonly service: string }> {
  const shipping = await loadConfig('config');
  const asked = { runbook: runbookOf(runbook), service: undefined, fresh: true };
  const service = serviceFor(asked, shipping);
  if (rehearsals[runbook]?.need === undefined) return { config: shipping, service };
  const folder = openFolder(join(root, runbook), { fresh: true });
  copyConfig('config', folder, ports);
  const config = await loadConfig(folder.config);
  makeSuit(folder, { config, ports }, { service, runbook });
  return { config: await loadConfig(folder.config), service };
}

test('a rehearsal is written for every shipped runbook and for no other', () => {
  expect(Object.keys(rehearsals).sort()).toEqual(ids);
});

test.each(ids)('%s: the folder made for it has a service it is for, and a stage', async (id) => {
  const { config, service } = await madeFor(id);
  const isFor = (runbook: string) =>
    serviceFor({ runbook: runbookOf(runbook), service, fresh: false }, config);
  expect(isFor(id)).toBe(service);
  for (const scene of rehearsals[id]?.before ?? []) {
    if ('runbook' in scene) expect(isFor(scene.runbook)).toBe(service);
    if (!('fault' in scene)) continue;
    const { fault: name, on: _on, ...where } = scene;
    expect(faultSchema.safeParse({ name, ...where }).success).toBe(true);
  }
});

test('params are written into a copy that stays a runbook; the shipped one stays as it is', async () => {
  const config = await loadConfig('config');
  const service = 'loans';
  for (const [runbook, { params }] of Object.entries(rehearsals)) {
    const folder = openFolder(join(root, `params-${runbook}`), { fresh: true });
    writeParams(folder, { config, shipped: 'runbooks' }, { service, runbook });
    const own = shelfOf(folder, 'runbooks');
    expect([runbook, own === 'runbooks']).toEqual([runbook, params === undefined]);
    if (params === undefined) continue;
    const written = params(findService(config, service));
    const copy = loadRunbook(await runbookShelf(own).source(runbook), actions);
    expect(copy.params).toEqual({ ...runbookOf(runbook).params, ...written });
    expect(Object.keys(runbookOf(runbook).params)).toEqual(
      expect.arrayContaining(Object.keys(written)),
    );
    expect((await runbookShelf(own).ids()).length).toBe(ids.length);
  }
});

test('the page of the moves says what is made and what comes before', () => {
  const page = readFileSync('docs/moves/README.md', 'utf8');
  const special = Object.entries(rehearsals).filter(([, one]) => Object.keys(one).length > 0);
  const absent = special.filter(([id]) => !page.includes(`\`${id}\``)).map(([id]) => id);
  expect(absent).toEqual([]);
});

test('three centres listen on ports of their own; one cloud over two sites has one', async () => {
  const far = twinPorts((await madeFor('delta-resync')).config, ports);
  const all = [...Object.values(far.arrays), ...Object.values(far.clouds)];
  expect([Object.keys(far.arrays), new Set(all).size]).toEqual([['main', 'dr', 'far'], 6]);
  expect(new Set(Object.values(ports)).size).toBe(Object.keys(ports).length);
  const metro = twinPorts((await madeFor('site-loss-gad')).config, ports);
  expect([Object.keys(metro.clouds), new Set(Object.values(metro.arrays)).size]).toEqual([
    ['metro'],
    2,
  ]);
});

describe('what does not go together', () => {
  const asked = (runbook: string, service: string | undefined, fresh: boolean) => ({
    ...{ service, fresh, runbook: runbookOf(runbook) },
  });

  test('the service named lacks what nobody but people can write: those that have it are named', async () => {
    const config = await loadConfig('config');
    expect(serviceFor(asked('servers-deploy', undefined, true), config)).toBe('internet-banking');
    expect(() => serviceFor(asked('servers-deploy', 'loans', true), config)).toThrow(
      expect.objectContaining({
        code: 'LOCAL-SUIT',
        what: 'servers-deploy is not for loans.',
        why: expect.stringContaining('(stateless); here that is internet-banking.'),
        next: expect.stringContaining('--new --state'),
      }),
    );
  });

  test('a folder that goes on keeps its services: none is made over', async () => {
    const config = await loadConfig('config');
    for (const [id, { need }] of Object.entries(rehearsals)) {
      if (need === undefined || needs[need].words === undefined) continue;
      if (needs[need].make === undefined) continue;
      expect(serviceFor(asked(id, 'loans', true), config)).toBe('loans');
      for (const service of ['loans', undefined]) {
        expect(() => serviceFor(asked(id, service, false), config)).toThrow(
          /LOCAL-SUIT.*none here/,
        );
      }
    }
  });

  test('a kind of replication that the runbook is not for', async () => {
    const { config } = await madeFor('gad-repair');
    expect(() => serviceFor(asked('switchover', undefined, false), config)).toThrow(
      /LOCAL-SUIT.*replication UR or TC/,
    );
  });

  test('--new with such a service empties nothing and makes nothing', async () => {
    const state = join(root, 'kept');
    mkdirSync(state);
    writeFileSync(join(state, 'seed'), 'hanbit');
    const args = ['--new', '--runbook', 'servers-deploy', '--service', 'loans'];
    const options = readOptions(args, { state, realTime: false, lang: undefined });
    if (options === undefined) throw new Error('no options');
    const silent = { write: () => {}, columns: undefined };
    const drill = runDrill(options, silent, new AbortController().signal);
    await expect(drill).rejects.toMatchObject({ code: 'LOCAL-SUIT' });
    expect([readdirSync(state), existsSync(join(state, 'seed'))]).toEqual([['seed'], true]);
  });
});
