/** A scenario file with a mistake gets file, line, column, reason and the nearest name. */
import { readFileSync } from 'node:fs';
import { loadConfig } from '../../lib/load-config.ts';
import { parseCentres } from '../../lib/twin/centres.ts';
import { scenarioFor } from '../../lib/twin/house-scenario.ts';
import { twinMap } from '../../lib/twin/map.ts';
import { parseScenario } from '../../lib/twin/scenario.ts';
import { topologyOf } from '../../lib/twin/seeds.ts';
import { unitsOf } from '../../lib/twin/units.ts';

const read = (name: string) => readFileSync(`config/twin/${name}.yml`, 'utf8');
const TWO = read('two-centres');

test.each([
  ['two-centres', ['payments', 'loans']],
  ['three-centres', ['core', 'CORE-UR']],
  ['active-active', ['payments']],
])('%s is shipped without a mistake', (name, services) => {
  const { topology } = parseCentres({ file: name, text: read(name) });
  expect(unitsOf(topology).map(({ id }) => id)).toEqual(services);
});

test('what is made of a configuration has no mistake either, whatever replicates it', async () => {
  const config = await loadConfig('config');
  const text = readFileSync('config/twin.yml', 'utf8');
  const scenario = parseScenario({ file: 'config/twin.yml', text });
  for (const type of ['UR', 'TC', 'GAD'] as const) {
    const services = config.services.map((service) => {
      return { ...service, replication: { ...service.replication, type } };
    });
    const plot = { config: { ...config, services }, scenario };
    const topology = topologyOf({ ...plot, map: twinMap(plot.config, scenario) });
    const made = { file: 'made', text: JSON.stringify({ topology }) };
    expect(unitsOf(parseCentres(made).topology).map(({ id }) => id)).toEqual(
      config.services.map(({ id }) => id),
    );
  }
});

test.each([
  ['payments: 120', 'paymets: 120', /twin\.yml:10:\d+: .*"paymets"; did you mean payments\?/],
  ['faults: []', 'faults: [{ name: backlog, service: loan }]', /"loan"; did you mean loans\?/],
  ['faults: []', 'faults: [{ name: array-busy, site: rd }]', /no site "rd"; did you mean dr\?/],
  ['faults: []', 'unprotected: [x]', /there is no volume "x"/],
  ['faults: []', 'faults: [{ name: quorum-lost }]', /array dr has no quorum disk/],
])('config/twin.yml with %s as %s is told by line', async (from, to, reason) => {
  const config = await loadConfig('config');
  const text = readFileSync('config/twin.yml', 'utf8').replace(from, to);
  expect(() => scenarioFor(config, { file: 'twin.yml', text })).toThrow(reason);
  expect(() => scenarioFor(config, { file: 'twin.yml', text })).toThrow(/ twin\.yml:\d+:\d+: /);
});

/** What is wrong with the file after one text in it was replaced; `line` of the replacement. */
function told(from: string, to: string, text = TWO): { said: string; line: number } {
  const at = text.indexOf(from);
  expect(at).toBeGreaterThan(-1);
  const line = text.slice(0, at).split('\n').length;
  try {
    parseCentres({ file: 'centres.yml', text: text.replace(from, to) });
  } catch (error) {
    return { said: error instanceof Error ? error.message : String(error), line };
  }
  return { said: 'nothing', line };
}

const mistakes: readonly (readonly [string, string, RegExp])[] = [
  [
    'pvol: 1000, svol: 2000',
    'pvol: 1000, svol: 2009',
    /LDEV 2009 is not defined on array dr.*2002/,
  ],
  [
    'pvol: 2000, svol: 3000',
    'pvol: 2000, svol: 3009',
    /LDEV 3009 is not defined on array dr.*3002/,
  ],
  ['{ from: main, to: dr }', '{ from: mian, to: dr }', /no array "mian".*mean main/],
  ['pvol: 1000, svol: 2000', 'pvol: 1000, svol: 2001', /S-VOL .*stands already|has 40 GiB/],
  ['pvol: 1001, svol: 2001', 'pvol: 1000, svol: 2001', /P-VOL has 40 GiB, the S-VOL 200 GiB/],
  ['name: PAY01-02, pvol', 'name: PAY01-01, pvol', /pair PAY01-01 stands already/],
  ['journals: { from: 0, to: 0 }', 'journals: { from: 7, to: 0 }', /main has no journal 7/],
  ['journalId: 0, ldevIds: [900]', 'journalId: 0, ldevIds: [905]', /LDEV 905 is not defined/],
  ['name: LOAN01\n', 'name: PAY01\n', /copy group PAY01 stands already/],
  ['consistencyGroupId: 1\n', 'consistencyGroupId: 0\n', /consistency group 0 of main stands/],
  ['ldevs: [1100]', 'ldevs: [1000]', /written LDEV 1000 of main stands already/],
  ['array: main, ldevs: [1100]', 'array: dr, ldevs: [2100]', /LDEV 2100 is an S-VOL/],
  ['arrayId: main', 'arrayId: mein', /no array "mein".*mean main/],
  ['ldevId: 1100, status', 'ldevId: 1199, status', /LDEV 1199 is not defined on array main/],
  ['site: main }', 'site: mayn }', /no site "mayn".*mean main/],
  ['flavorId: "2"', 'flavorId: "3"', /no flavor "3"/],
  ['hostGroupNumber: 1, hostGroupName', 'hostGroupNumber: 2, hostGroupName', /no host group/],
  ['faults: []', 'faults: [{ name: backlog, service: payment }]', /no service "payment".*payments/],
  ['faults: []', 'faults: [{ name: array-busy, site: d }]', /no site "d".*mean dr/],
  ['faults: []', 'faults: [{ name: link-cut, between: [main, br] }]', /no array "br".*mean dr/],
  [
    'faults: []',
    'faults: [{ name: backlog, site: dr }]',
    /backlog strikes by service, not by site/,
  ],
  ['faults: []', 'faults: [{ name: site-dead, door: cloud }]', /strikes by site, not by door/],
  ['faults: []', 'faults: [{ name: quorum-lost }]', /array dr has no quorum disk/],
  ['ip: 10.90.1.11', 'ip: 10.91.1.11', /10\.91\.1\.11 is not in 10\.90\.1\.0\/24/],
  [
    'name: pay-db1-data1, sizeGiB: 200',
    'name: pay-db1-data1, sizeGiB: 100',
    /LDEV 1001 of main has 200 GiB/,
  ],
  ['status: maintenance', 'status: maintenence', /status.*did you mean maintenance\?/],
  ['faults: []', 'faults: [{ name: backlogg }]', /faults\[0\]\.name.*did you mean backlog\?/],
  ['  seed: two-centres', '  sead: two-centres', /sead is not a key.*did you mean seed/],
];

test.each(mistakes)('%j become %j', (from, to, said) => {
  const found = told(from, to);
  expect(found.said).toMatch(said);
  expect(found.said).toMatch(/centres\.yml:\d+:\d+: /);
  const lines = [...found.said.matchAll(/centres\.yml:(\d+):/g)].map(([, line]) => Number(line));
  const close = lines.some((line) => Math.abs(line - found.line) <= 2);
  expect({
    lines,
    at: found.line,
    close: close || /stands already|host group/.test(found.said),
  }).toEqual({ lines, at: found.line, close: true });
});

test('a link back is missing, a journal is missing, a quorum disk is missing', () => {
  expect(told('    - { from: dr, to: main }\n', '').said).toMatch(/not linked in both directions/);
  expect(told('      journals: { from: 0, to: 0 }\n', '').said).toMatch(/needs the journals/);
  const gad = read('active-active');
  expect(told('      quorumDiskId: 0\n', '', gad).said).toMatch(/needs a quorum disk/);
  expect(told('with: west', 'with: wset', gad).said).toMatch(/no array "wset".*mean west/);
});

test('a range that does not fit is told once', () => {
  const ranged = TWO.replace(
    'pairs: [{ name: LOAN01-01, pvol: 1100, svol: 2100 }]',
    'pairRange: { count: 500, firstPvol: 1100, firstSvol: 2100 }',
  );
  const { said } = told('seed: two-centres', 'seed: again', ranged);
  expect(said.match(/is not defined/g)).toHaveLength(1);
});
