/** The controllers of main and DR: written down, compared, made the same, and nothing deleted unasked. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { sha256 } from '../../lib/canonical.ts';
import type { Http } from '../../lib/http.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { type Admin, adminOf } from '../support/controllers.ts';
import { moved, ordered, sign } from '../support/moves.ts';
import { changesAt, planOf, repeated } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

/** One of each kind that main has and DR has not. */
async function furnish({ make, change, ids, project }: Admin): Promise<void> {
  await make('keystone', '/projects', { project: { name: 'cards' } });
  const flavor = await make('nova', '/flavors', {
    flavor: { name: 'c16.m64', vcpus: 16, ram: 65_536, disk: 0 },
  });
  const extra_specs = { 'hw:cpu_policy': 'dedicated' };
  await make('nova', `/flavors/${flavor}/os-extra_specs`, { extra_specs });
  await make('cinder', '/types', {
    volume_type: { name: 'gold', extra_specs: { volume_backend_name: 'vsp-main' } },
  });
  const network_id = await make('neutron', '/v2.0/networks', {
    network: { name: 'cards', 'provider:segmentation_id': 1900 },
  });
  const subnet_id = await make('neutron', '/v2.0/subnets', {
    subnet: {
      name: 'cards',
      network_id,
      cidr: '10.90.9.0/24',
      ip_version: 4,
      gateway_ip: '10.90.9.1',
    },
  });
  const router = await make('neutron', '/v2.0/routers', { router: { name: 'cards' } });
  await change('PUT', ['neutron', `/v2.0/routers/${router}/add_router_interface`], { subnet_id });
  // The group that a rule of `app` names is made after it.
  const groups = await Promise.all(
    ['app', 'web'].map((name) =>
      make('neutron', '/v2.0/security-groups', { security_group: { name } }),
    ),
  );
  const rule = { direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp' };
  const [app, web] = groups;
  const [port_range_min, port_range_max] = [8443, 8443];
  await make('neutron', '/v2.0/security-group-rules', {
    security_group_rule: {
      ...rule,
      security_group_id: app,
      remote_group_id: web,
      port_range_min,
      port_range_max,
    },
  });
  await make('neutron', '/v2.0/security-group-rules', {
    security_group_rule: { ...rule, security_group_id: web, remote_ip_prefix: '10.90.0.0/16' },
  });
  // What Neutron made itself, and what is at both sites.
  const [home] = await ids('neutron', '/v2.0/security-groups?name=default');
  await make('neutron', '/v2.0/security-group-rules', {
    security_group_rule: {
      ...rule,
      security_group_id: home,
      port_range_min: 22,
      port_range_max: 22,
    },
  });
  const [outside] = await ids('neutron', '/v2.0/networks?name=public');
  await change('PUT', ['neutron', `/v2.0/networks/${outside}`], { network: { mtu: 9000 } });
  const keypair = { name: 'ops', type: 'ssh', public_key: 'ssh-ed25519 AAAAC3 ops' };
  await make('nova', '/os-keypairs', { keypair });
  await change('PUT', ['nova', `/os-quota-sets/${project}`], { quota_set: { instances: 77 } });
}

/** The same bytes at both sites: only the volume of it is missing. */
async function imaged({ make, change }: Admin): Promise<void> {
  const image = { name: 'rocky-9', disk_format: 'raw', container_format: 'bare', min_disk: 10 };
  const id = await make('glance', '/v2/images', image);
  await change('PUT', ['glance', `/v2/images/${id}/file`], 'the bytes of an image');
}

const mapping = (text: string): string =>
  text
    .replace('bootImages: []', 'bootImages: [rocky-9]')
    .replace('cidrs: {}', 'cidrs: { 10.90.9.0/24: 10.91.9.0/24 }')
    .replace(
      'values: {}',
      'values: { volumeTypes: { extraSpecs.volume_backend_name: { vsp-main: vsp-dr } } }',
    );

const edited = { 'config/mapping.yml': mapping };

async function lines(run: string, step: string): Promise<string[]> {
  const judged = (await bank.events(run)).filter(
    ({ type, data }) => type === 'judged' && data.step === step,
  );
  const document = judged
    .at(-1)
    ?.evidence.find(({ label }) => label === 'configuration-differences');
  const text = (await bank.blobs.get(document?.sha256 ?? '')).toString('utf8');
  const { lines: both } = JSON.parse(text) as { lines: { ko: string; en: string }[] };
  return both.map(({ en }) => en);
}

describe('two controllers', () => {
  it('are the same but for what is meant to differ', async () => {
    bank = await openBank({ sparing: true });
    const head = await moved(bank, 'config-compare', 'payments');
    expect(head.result).toMatchObject({ result: 'passed' });
    expect([...changesAt(bank, 'main'), ...changesAt(bank, 'dr')]).toEqual([]);
  });

  it('are written down by name, the same again as long as nothing changes', async () => {
    bank = await openBank({ sparing: true });
    const hashes: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      const { run, result } = await moved(bank, 'config-export', 'payments');
      expect(result).toMatchObject({ result: 'passed' });
      const events = await bank.events(run);
      const judged = events.find(({ type, data }) => type === 'judged' && data.step === 'main');
      const kept = judged?.evidence.find(({ label }) => label === 'configuration-main');
      const text = (await bank.blobs.get(kept?.sha256 ?? '')).toString('utf8');
      expect(sha256(text)).toBe(kept?.sha256);
      expect(judged?.data).toMatchObject({
        verdicts: { main: { state: 'done', reading: { sha256: kept?.sha256, flavors: 2 } } },
      });
      expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-4/);
      hashes.push(kept?.sha256);
    }
    expect(new Set(hashes).size).toBe(1);
  });

  it('that differ are told apart line by line, and the run does not pass', async () => {
    bank = await openBank({ sparing: true, edit: edited });
    await furnish(await adminOf(bank, 'main'));
    const run = await ordered(bank, 'config-compare', 'payments');
    const head = await bank.drive(run, ({ state }) => state === 'paused');
    expect(head.pause?.step).toBe('compare');
    expect(await lines(run, 'compare')).toEqual([
      '+ project cards',
      '+ flavor c16.m64 (16 vCPU, 64 GiB)',
      '+ volume type gold (volume_backend_name=vsp-dr)',
      '+ network drillbook/cards (vlan 1900 physnet1)',
      '~ network drillbook/public: mtu 1500 -> 9000',
      '+ subnet drillbook/cards/cards (10.91.9.0/24)',
      '+ security group drillbook/app (3 rules)',
      expect.stringMatching(/^~ security group drillbook.default: rules [+] direction ingress/),
      '+ security group drillbook/web (3 rules)',
      '+ router drillbook/cards (1 subnets)',
      '+ key pair drillbook/ops',
      expect.stringContaining('+ quota cards'),
      '~ quota drillbook: compute.instances -1 -> 77',
    ]);
    const checks = (await bank.events(run)).filter(({ type }) => type === 'check.result');
    expect(checks).toHaveLength(13);
    expect(changesAt(bank, 'dr')).toEqual([]);
  });

  it('an approval is void once they differ in another way (rule 2)', async () => {
    bank = await openBank({ sparing: true });
    const main = await adminOf(bank, 'main');
    const flavor = (name: string) => ({ flavor: { name, vcpus: 1, ram: 1024, disk: 0 } });
    await main.make('nova', '/flavors', flavor('c1.m1'));
    const run = await bank.ask('run config-apply payments');
    await main.make('nova', '/flavors', flavor('c1.m2'));
    for (const handle of ['lee', 'park']) await sign(bank, run, handle);
    const head = await bank.drive(run);
    expect(head.result).toMatchObject({ result: 'voided' });
    expect(changesAt(bank, 'dr')).toEqual([]);
  });

  it('become the same, each call once, and a second time there is nothing to do', async () => {
    bank = await openBank({ sparing: true, edit: edited });
    for (const site of ['main', 'dr']) await imaged(await adminOf(bank, site));
    await furnish(await adminOf(bank, 'main'));
    const before = changesAt(bank, 'main').length;
    const head = await moved(bank, 'config-apply', 'payments');
    expect([head.result?.result, head.result?.reasons]).toEqual(['passed', []]);
    const plan = await planOf(bank, head.run);
    expect(plan.class).toBe('data');
    expect(repeated(bank)).toEqual([]);
    expect(changesAt(bank, 'main')).toHaveLength(before);
    const dr = await adminOf(bank, 'dr');
    expect(await dr.names('neutron', '/v2.0/subnets?cidr=10.91.9.0/24')).toEqual(['cards']);
    expect(await dr.names('cinder', '/volumes/detail?name=drillbook-image-rocky-9')).toHaveLength(
      1,
    );
    const again = await moved(bank, 'config-apply', 'payments');
    expect(again.result).toMatchObject({ result: 'passed' });
    expect((await planOf(bank, again.run)).calls).toEqual([]);
  });
});

describe('what is only at DR', () => {
  const named = (text: string) => text.replace('delete: []', 'delete: [networks/drillbook/old]');

  async function old(): Promise<Admin> {
    const dr = await adminOf(bank, 'dr');
    await dr.make('neutron', '/v2.0/networks', { network: { name: 'old' } });
    await dr.make('neutron', '/v2.0/networks', { network: { name: 'other' } });
    return dr;
  }

  it('stays unless it is named, and only what is named goes', async () => {
    bank = await openBank({ sparing: true, edit: { 'runbooks/config-apply.yml': named } });
    const dr = await old();
    const run = await ordered(bank, 'config-apply', 'payments');
    const head = await bank.drive(run, ({ state }) => state === 'paused');
    // `other` is still only at DR, and says so.
    expect(head.pause?.step).toBe('after');
    const names = await dr.names('neutron', '/v2.0/networks');
    expect(names).toContain('other');
    expect(names).not.toContain('old');
  });

  it('is left alone by the gateway once another one has its name (rule 11)', async () => {
    let sending = false;
    let taken = false;
    // After the last look at the facts, before the gateway looks for itself.
    const between =
      (site: string, http: Http): Http =>
      async (request) => {
        if (sending && !taken && site === 'dr') {
          taken = true;
          const dr = await adminOf(bank, 'dr');
          await dr.make('neutron', '/v2.0/networks', { network: { name: 'old' } });
        }
        return http(request);
      };
    const onEvent = ({ type }: { type: string }) => {
      sending ||= type === 'intent';
    };
    const edit = { 'runbooks/config-apply.yml': named };
    bank = await openBank({ sparing: true, edit, between, onEvent });
    const dr = await old();
    const run = await ordered(bank, 'config-apply', 'payments');
    const head = await bank.drive(run, ({ state }) => state === 'paused');
    expect(head.pause?.step).toBe('apply');
    const outcomes = (await bank.events(run)).filter(({ type }) => type === 'outcome');
    expect(JSON.stringify(outcomes)).toContain('named-exactly does not hold');
    const names = await dr.names('neutron', '/v2.0/networks');
    expect(names.filter((one) => one === 'old')).toHaveLength(2);
  });
});

describe('trouble on the way', () => {
  it('a lost answer is looked for, and nothing is made twice (rule 3)', async () => {
    let lost = 0;
    const between =
      (site: string, http: Http): Http =>
      async (request) => {
        const answer = await http(request);
        if (
          site !== 'dr' ||
          request.method !== 'POST' ||
          !/(networks|security-groups)$/.test(request.url)
        ) {
          return answer;
        }
        lost += 1;
        throw new Error('socket hang up');
      };
    bank = await openBank({ sparing: true, edit: edited, between });
    await furnish(await adminOf(bank, 'main'));
    const head = await moved(bank, 'config-apply', 'payments');
    expect(head.result).toMatchObject({ result: 'passed' });
    expect(lost).toBe(3);
    const dr = await adminOf(bank, 'dr');
    expect(
      (await dr.names('neutron', '/v2.0/networks')).filter((one) => one === 'cards'),
    ).toHaveLength(1);
  });

  it('clicks are not enough (rule 1)', async () => {
    bank = await openBank({ sparing: true });
    await furnish(await adminOf(bank, 'main'));
    const run = await bank.ask('run config-apply payments');
    await bank.press('lee', 'drillbook:approve', run).catch(() => '');
    await bank.press('park', 'drillbook:approve', run).catch(() => '');
    await bank.drive(run, ({ state }) => state === 'awaiting-approval', false);
    expect((await bank.head(run)).approval?.granted ?? []).toEqual([]);
    expect(changesAt(bank, 'dr')).toEqual([]);
  });
});
