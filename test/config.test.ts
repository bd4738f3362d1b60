/** Broken configuration: file, line, column, path, the value found; nothing is started. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { loadConfig } from '../lib/load-config.ts';
import { parseYaml } from '../lib/yaml.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A copy of config/ with one file changed. */
function changed(file: string, change: (text: string) => string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'drillbook-config-'));
  folders.push(folder);
  cpSync('config', folder, { recursive: true });
  const name = path.join(folder, file);
  writeFileSync(name, change(readFileSync(name, 'utf8')));
  return folder;
}

test('the shipped configuration is whole', async () => {
  const config = await loadConfig('config');
  expect(config.services.map((service) => service.id)).toEqual([
    'payments',
    'internet-banking',
    'loans',
  ]);
  expect(config.services[0]?.name.ko).toBe('지급결제 계정계');
});

test.each<[string, string, (text: string) => string, RegExp]>([
  [
    'an unknown key',
    'services.yml',
    (t) => t.replace('tier: gold', 'teir: gold'),
    /services\.yml:66:5: unknown-key: services\[1\]\.teir is not a key here; did you mean tier\?/,
  ],
  [
    'a wrong value',
    'services.yml',
    (t) => t.replace('tier: gold', 'tier: golden'),
    /services\.yml:66:11: value: services\[1\]\.tier: .*found "golden"; did you mean gold\?/,
  ],
  [
    'a group with a space',
    'services.yml',
    (t) => t.replace('group: IBK01,', 'group: IBK 01,'),
    /services\.yml:69:\d+: value: .*group: an array object name without spaces, found "IBK 01"/,
  ],
  [
    'a kind of check',
    'services.yml',
    (t) => t.replace('kind: http,', 'kind: htp,'),
    /value: services\[0\]\.checks\[4\]\.kind: .*found "htp"; did you mean http\?/,
  ],
  [
    'a service twice',
    'services.yml',
    (t) => t.replace('id: loans', 'id: payments'),
    /services\.yml:110:9: unique: service payments stands already in line 4/,
  ],
  [
    'a shared copy group',
    'services.yml',
    (t) => t.replace('group: IBK01-DRILL', 'group: PAY01'),
    /services\.yml:70:21: unique: copy group PAY01 stands already in line 9/,
  ],
  [
    'a MAC twice',
    'services.yml',
    (t) => t.replace('fa:16:3e:f1:90:ac', 'fa:16:3e:c4:12:1f'),
    /unique: MAC fa:16:3e:c4:12:1f stands already in line \d+/,
  ],
  [
    'an IP twice',
    'services.yml',
    (t) => t.replace('ip: 10.90.2.11', 'ip: 10.90.1.11'),
    /unique: IP 10\.90\.1\.11 stands already/,
  ],
  [
    'a volume twice',
    'services.yml',
    (t) =>
      t.replace('b7c1dce2-7f76-45f5-afce-d11d2bd8a1e6', '047a8387-cdde-4d51-a301-bbfca0c5154e'),
    /unique: volume 047a8387/,
  ],
  [
    'a site nobody has',
    'services.yml',
    (t) => t.replace('to: dr }', 'to: rd }'),
    /services\.yml:9:\d+: site: there is no site rd; did you mean dr\?/,
  ],
  [
    'a service onto its own site',
    'services.yml',
    (t) => t.replace('to: dr }', 'to: main }'),
    /site: a service is not replicated onto its own site/,
  ],
  [
    'a check of no server',
    'services.yml',
    (t) => t.replace('server: pay-mq1', 'server: pay-mq'),
    /check-server: payments has no server pay-mq; did you mean pay-mq1\?/,
  ],
  [
    'a site twice',
    'sites.yml',
    (t) => t.replace('id: dr', 'id: main'),
    /sites\.yml:9:9: unique: site main stands already in line 3/,
  ],
  [
    'an account of two people',
    'people.yml',
    (t) => t.replace('U03PARK', 'U02LEE'),
    /people\.yml:\d+:\d+: unique: Slack account T0BANK\/U02LEE/,
  ],
  [
    'an RTO longer than the tier allows',
    'services.yml',
    (t) => t.replace('rtoMinutes: 120', 'rtoMinutes: 121'),
    /services\.yml:7:17: tier-rto: payments is platinum: an RTO of at most 120 minutes is asked for, found 121/,
  ],
  [
    'a way to start at DR without a network there',
    'services.yml',
    (t) =>
      t
        .replace('drill: { group: LOAN01-DRILL', 'atDr: copy\n    drill: { group: LOAN01-DRILL')
        .replace(', dr: 083758ca-04db-41c8-8e4c-703d99ba2811', ''),
    /at-dr: loans starts at dr by atDr: copy and has no network there.*networks: \{ dr: … \}/,
  ],
  [
    'a way to start at DR that nobody knows',
    'services.yml',
    (t) => t.replace('drill: { group: LOAN01', 'atDr: copied\n    drill: { group: LOAN01'),
    /services\.yml:\d+:11: value: services\[2\]\.atDr: .*found "copied"; did you mean copy\?/,
  ],
  [
    'a critical function slower than the law allows',
    'services.yml',
    (t) => t.replace('tier: gold', 'tier: silver').replace('rtoMinutes: 180', 'rtoMinutes: 181'),
    /law-rto: internet-banking is a critical function of a bank: .* 180 minutes is the law, found 181/,
  ],
  [
    'an RPO longer than the tier allows',
    'services.yml',
    (t) => t.replace('rtoMinutes: 180', 'rtoMinutes: 180\n    rpoSeconds: 301'),
    /services\.yml:68:17: tier-rpo: internet-banking is gold: .* 300 seconds is asked for, found 301/,
  ],
  [
    'a promise that UR cannot keep',
    'services.yml',
    (t) => t.replace('rtoMinutes: 120', 'rtoMinutes: 120\n    rpoSeconds: 0'),
    /tier-rpo: payments is platinum: an RPO of 0 in a disaster needs TC or GAD/,
  ],
  [
    'a promise that TC keeps with fence DATA only',
    'services.yml',
    (t) =>
      t
        .replace('rtoMinutes: 120', 'rtoMinutes: 120\n    rpoSeconds: 0')
        .replace('type: UR', 'type: TC, fence: NEVER'),
    /tier-rpo: payments is platinum: an RPO of 0 with TC needs fence DATA.*found NEVER/,
  ],
  [
    'a fence level of what has none',
    'services.yml',
    (t) => t.replace('type: UR', 'type: UR, fence: DATA'),
    /services\.yml:9:\d+: fence: only TC has fence levels, found UR/,
  ],
  [
    'GAD between two clouds',
    'services.yml',
    (t) => t.replace('type: UR', 'type: GAD'),
    /services\.yml:9:\d+: one-cloud: GAD needs one cloud over both sites, found main and dr/,
  ],
  [
    'UR between two sites of one cloud',
    'sites.yml',
    (t) =>
      t
        .replace('cloud: main', 'cloud: metro\n    zone: a')
        .replace('cloud: dr', 'cloud: metro\n    zone: b'),
    /one-cloud: UR needs a cloud at each site, found metro at both/,
  ],
  [
    'two sites of one cloud that nobody can tell apart',
    'sites.yml',
    (t) => t.replace('cloud: dr', 'cloud: main'),
    /unique: cloud main stands already in line \d+/,
  ],
  [
    'a third centre that is the second',
    'services.yml',
    (t) => t.replace('type: UR', 'type: TC, far: { site: dr, group: A1, delta: A2 }'),
    /services\.yml:9:\d+: site: a third centre is a site of its own, found dr/,
  ],
  [
    'a kind of replication that is not good enough',
    'policy.yml',
    (t) => t.replace('replication: [GAD, TC, UR]', 'replication: [GAD, TC]'),
    /services\.yml:\d+:26: tier-replication: payments is platinum: replication GAD or TC is asked for, found UR/,
  ],
  [
    'fewer centres than the tier wants',
    'policy.yml',
    (t) => t.replace('sites: 2', 'sites: 3'),
    /tier-sites: payments is platinum: data in 3 centres is asked for, found 2/,
  ],
  [
    'centres too near to each other',
    'sites.yml',
    (t) => t.replace('main: 140', 'main: 29'),
    /tier-distance: payments is platinum: 30 km between main and dr are asked for, found 29 km/,
  ],
  [
    'a distance nobody declared',
    'sites.yml',
    (t) => t.replace('    distanceKm: { main: 140 }\n', ''),
    /tier-distance: payments is platinum: .* found no distance declared in sites\.yml/,
  ],
  [
    'a centre abroad',
    'sites.yml',
    (t) => t.replace('cloud: dr\n    country: KR', 'cloud: dr\n    country: JP'),
    /sites\.yml:14:14: law-country: centres have to stand in KR, dr has JP/,
  ],
  [
    'a centre of no country',
    'sites.yml',
    (t) => t.replace('cloud: dr\n    country: KR\n', 'cloud: dr\n'),
    /law-country: centres have to stand in KR, dr has no country declared/,
  ],
  [
    'a site given up on less than a witness and paths that are down',
    'policy.yml',
    (t) => t.replace('fencing: [witness, ', 'fencing: ['),
    /policy\.yml:\d+:\d+: .*witness and remote-paths-down are always asked/,
  ],
  [
    'broken text',
    'policy.yml',
    (t) => `${t}\n  - [`,
    /^YAML-SYNTAX: .*policy\.yml:\d+:\d+: yaml: /,
  ],
  [
    'a double key',
    'policy.yml',
    (t) => `${t}\npolicy: {}\n`,
    /^YAML-SYNTAX: .*policy\.yml:\d+:1: yaml: Map keys must be unique/,
  ],
  ['an empty file', 'people.yml', () => '', /^YAML-SHAPE: .*people\.yml:1:1: /],
])('%s', async (_, file, change, message) => {
  await expect(loadConfig(changed(file, change))).rejects.toThrow(message);
});

test('an insurer has a day for a critical function, and a policy without tiers asks for nothing', async () => {
  const insurer = changed('policy.yml', (text) =>
    text.replace('industry: bank', 'industry: insurer'),
  );
  const services = path.join(insurer, 'services.yml');
  const slow = readFileSync(services, 'utf8').replace('rtoMinutes: 120', 'rtoMinutes: 1440');
  writeFileSync(services, slow);
  await expect(loadConfig(insurer)).rejects.toThrow(/^CONFIG-RULE: (?!.*law-rto).*tier-rto/);
  const policy = path.join(insurer, 'policy.yml');
  const bare = readFileSync(policy, 'utf8').replace(/ {2}# What the guideline wants[\s\S]*/, '');
  writeFileSync(policy, bare);
  expect((await loadConfig(insurer)).services[0]?.rtoMinutes).toBe(1440);
});

test('a missing file is named', async () => {
  const folder = changed('people.yml', (text) => text);
  rmSync(path.join(folder, 'people.yml'));
  await expect(loadConfig(folder)).rejects.toThrow(/^CONFIG-FILE: .*people\.yml:1:1/);
});

test('aliases that grow without end are refused, not followed', () => {
  const bomb = [
    'a: &a [1,1,1,1,1,1,1,1,1]',
    ...'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${`*${'abcdefghi'[i]},`.repeat(9)}]`),
  ].join('\n');
  expect(() => parseYaml({ file: 'bomb.yml', text: bomb }, z.unknown())).toThrow(/alias/i);
});

test.each([
  ['a: *lost', /no anchor &lost/],
  [`a: &a [x]\nb: &b [${'*a,'.repeat(60)}]\nc: [${'*b,'.repeat(60)}]`, /alias/],
])('an alias that leads nowhere or multiplies is told with its file: %#', (text, why) => {
  const read = () => parseYaml({ file: 'f.yml', text }, z.unknown());
  expect(read).toThrow(expect.objectContaining({ code: 'YAML-SYNTAX' }));
  expect(read).toThrow(why);
});
