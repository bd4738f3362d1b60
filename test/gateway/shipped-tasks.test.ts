/** The site tasks that are shipped, run as a gateway runs them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'shipped-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const run = (task: string, ...words: string[]) => {
  const env = { PATH: '/usr/bin:/bin' };
  return spawnSync(resolve('config/tasks', task), words, { cwd: home, env, encoding: 'utf8' });
};
const put = (name: string, ...lines: string[]) => writeFileSync(join(home, name), lines.join('\n'));
const linesOf = (name: string) =>
  readFileSync(join(home, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '');

test.each(['switch-network', 'switch-dns', 'restore-controller'])(
  '%s can be run, and only its owner can change it',
  (task) => {
    expect(statSync(join('config/tasks', task)).mode & 0o777).toBe(0o755);
    expect(run(task, 'zone', 'bank.example', '--anything=x')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--anything=x'),
    });
  },
);

describe('switch-network', () => {
  const words = (...more: string[]) => ['zone.txt', 'bank.example', ...more];
  const to = (site: string, service = 'loans') => [`--service=${service}`, `--to=${site}`];
  test('points one service to a site, the same however often', () => {
    put('zone.txt', 'loans.bank.example. 60 IN CNAME main.bank.example.', 'other line', '');
    expect(run('switch-network', ...words('--look'), ...to('main')).status).toBe(0);
    expect(run('switch-network', ...words('--look'), ...to('dr')).status).toBe(1);
    for (const _ of [1, 2]) {
      expect(run('switch-network', ...words(), ...to('dr'))).toMatchObject({
        status: 0,
        stderr: '',
      });
    }
    expect(linesOf('zone.txt')).toEqual([
      'other line',
      'loans.bank.example. 60 IN CNAME dr.bank.example.',
    ]);
    expect(run('switch-network', ...words('--look'), ...to('dr')).status).toBe(0);
    // Another service, and one whose name is a part of it, are left alone.
    run('switch-network', ...words(), ...to('dr', 'payments'), ...[]);
    run('switch-network', ...words(), ...to('main', 'oans'));
    expect(linesOf('zone.txt')).toHaveLength(4);
    expect(run('switch-network', ...words('--look'), ...to('dr')).status).toBe(0);
  });
  test('without its file nothing is known, and nothing is claimed', () => {
    expect(run('switch-network', ...words('--look'), ...to('dr')).status).toBe(2);
  });
});

describe('switch-dns', () => {
  const words = (...more: string[]) => ['zone', 'bank.example', ...more, '--name=payments'];
  const zone = [
    '@ 3600 IN SOA ns.bank.example. admin.bank.example. (',
    '  2026112201 ; serial',
    '  3600 600 86400 60 )',
    'payments 60 IN A 192.0.2.10',
    'payments-old 60 IN A 192.0.2.11',
    'payments 60 IN TXT "A 192.0.2.10"',
  ];
  test('changes one address and raises the serial number', () => {
    put('zone', ...zone, '');
    expect(run('switch-dns', ...words('--look'), '--address=192.0.2.10').status).toBe(0);
    expect(run('switch-dns', ...words(), '--address=198.51.100.10').status).toBe(0);
    const after = linesOf('zone');
    expect(after).toContain('payments 60 IN A 198.51.100.10');
    expect(after).toContain('payments-old 60 IN A 192.0.2.11');
    expect(after).toContain('payments 60 IN TXT "A 192.0.2.10"');
    expect(after).not.toContain('payments 60 IN A 192.0.2.10');
    expect(after[1]?.trim()).toBe('2026112202 ; serial');
    expect(run('switch-dns', ...words('--look'), '--address=198.51.100.10').status).toBe(0);
    expect(run('switch-dns', ...words('--look'), '--address=192.0.2.10').status).toBe(1);
  });
  test('two addresses are none, and without a file nothing is known', () => {
    put('zone', ...zone, 'payments 60 IN A 198.51.100.10', '');
    expect(run('switch-dns', ...words('--look'), '--address=198.51.100.10').status).toBe(1);
    rmSync(join(home, 'zone'));
    expect(run('switch-dns', ...words('--look'), '--address=198.51.100.10').status).toBe(2);
  });
});

describe('restore-controller', () => {
  const files = ['rows.tsv', 'locations.txt', 'cinder-dr@hbsd#pool0', './load'];
  const restore = (service = 'loans') =>
    run('restore-controller', ...files, `--service=${service}`);
  const header = ['id', 'host', 'display_name', 'status', 'service_uuid', 'provider_location'];
  const row = (id: string, name: string) =>
    [id, 'main@hbsd#pool0', name, 'in-use', 'u-1', '1200'].join('\t');
  beforeEach(() => {
    writeFileSync(join(home, 'load'), '#!/bin/sh\ncat > loaded.sql\n', { mode: 0o755 });
    put(
      'rows.tsv',
      header.join('\t'),
      row('v-1', "bank's"),
      row('v-2', 'NULL'),
      row('v-3', 'x'),
      '',
    );
    put('locations.txt', 'loans v-1 2200', 'loans v-2 2201', 'payments v-3 2000', '');
  });
  test('loads the rows of one service with host and location of this site', () => {
    expect(restore()).toMatchObject({ status: 0, stderr: '' });
    const into = `REPLACE INTO volumes (${header.join(', ')}) VALUES`;
    const here = "'cinder-dr@hbsd#pool0'";
    expect(linesOf('loaded.sql')).toEqual([
      'BEGIN;',
      `${into} ('v-1', ${here}, 'bank''s', 'available', NULL, '2200');`,
      `${into} ('v-2', ${here}, NULL, 'available', NULL, '2201');`,
      'COMMIT;',
    ]);
  });
  test.each([
    ['a volume without a row', 'loans', 'loans v-9 2209', 'v-9'],
    ['a service nobody knows', 'cards', '', 'cards'],
  ])('loads nothing for %s', (_, service, line, named) => {
    put('locations.txt', 'loans v-1 2200', line, '');
    const { status, stderr } = restore(service);
    expect([status, stderr.includes(named)]).toEqual([1, true]);
    expect(existsSync(join(home, 'loaded.sql'))).toBe(false);
  });
  test('what the loader refuses is not said to be restored', () => {
    writeFileSync(join(home, 'load'), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
    expect(restore().status).not.toBe(0);
  });
});
