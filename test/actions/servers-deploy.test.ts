/** Servers that keep nothing: bound by id, made once each, and one that is there already is no second. */
import { serversDeploy } from '../../lib/actions/servers/deploy.ts';
import type { Server } from '../../lib/openstack/schema.ts';
import { lost, sent } from './lab.ts';
import { factsOf, NETWORKS, planOf, viewOf } from './moves.ts';

const DEPLOY = `  - id: deploy
    uses: servers/deploy
    with:
      servers:
        - name: web
          image: web 2026.1
          flavor: c4.m16
          network: ${NETWORKS.dr}
          count: 2
          userData: "#cloud-config"
        - { name: edge, image: web 2026.1, flavor: c4.m16, network: ${NETWORKS.dr} }
    undo: { uses: servers/delete }
`;
const facts = factsOf({ bound: { images: { 'web 2026.1': 'i-1' } } });
const plan = planOf(DEPLOY, facts);
const callOf = (id: string) => plan.calls.find((call) => call.id === id);
const made = (name: string, status: string, own = true): Server =>
  ({
    ...{ id: `s-${name}`, name, status },
    metadata: own ? { 'drillbook-key': callOf(`deploy.start-${name}`)?.creates?.key ?? '' } : {},
  }) as Server;

test('as many as asked for, by ids, with their user data', () => {
  const forward = plan.calls.filter(({ step }) => step === 'deploy');
  expect(forward.map(({ id }) => id)).toEqual([
    ...['deploy.start-web-1', 'deploy.start-web-2', 'deploy.start-edge'],
  ]);
  expect(callOf('deploy.start-web-1')?.body).toMatchObject({
    server: {
      ...{ name: 'web-1', imageRef: 'i-1', flavorRef: 'f-4', networks: [{ uuid: NETWORKS.dr }] },
      user_data: Buffer.from('#cloud-config').toString('base64'),
    },
  });
  const keys = forward.map(({ creates }) => creates?.key);
  expect(new Set(keys).size).toBe(3);
});

test('in the network of production it is of class data, in a drill network a copy', () => {
  expect(callOf('deploy.start-edge')?.class).toBe('data');
  const drillable = { networks: [NETWORKS.dr] };
  const inDrill = planOf(DEPLOY, factsOf({ drillable, bound: { images: { 'web 2026.1': 'i' } } }));
  expect(inDrill.calls.map((call) => call.class)).not.toContain('data');
});

test('an image nobody looked up, a name that stands twice: no plan', () => {
  expect(() => planOf(DEPLOY, factsOf({ bound: { images: {} } }))).toThrow(/web 2026\.1/);
  expect(() => planOf(DEPLOY.replace('name: edge', 'name: web-1'), facts)).toThrow(/web-1/);
});

test.each<[string, readonly Server[], object, string]>([
  ['not there', [], {}, 'ready'],
  ['ours', [made('edge', 'ACTIVE')], sent(), 'done'],
  ['ours, its answer lost', [made('edge', 'ACTIVE')], lost(), 'done'],
  ['building', [made('edge', 'BUILD')], sent(), 'pending'],
  ['in ERROR', [made('edge', 'ERROR')], sent(), 'refuse'],
  ['there twice', [made('edge', 'ACTIVE'), made('edge', 'ACTIVE')], sent(), 'refuse'],
  ['somebody else’s', [made('edge', 'ACTIVE', false)], {}, 'refuse'],
])('a server that is %s', (_, servers, mine, state) => {
  const view = viewOf(plan, 'deploy', { mine: { 'deploy.start-edge': mine } });
  const { verdicts } = serversDeploy.judge({ ok: true, value: servers }, { servers: [] }, view);
  expect(verdicts['deploy.start-edge']?.state).toBe(state);
});

test('taken back by the ids of what was made', () => {
  const undo = plan.calls.filter(({ step }) => step === 'undo-deploy');
  expect(undo.map(({ method, path }) => `${method} ${path}`)).toEqual(
    [1, 2, 3].flatMap(() => ['POST /servers/{{server}}/action', 'DELETE /servers/{{server}}']),
  );
});
