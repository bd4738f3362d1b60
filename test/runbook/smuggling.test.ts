/** Whatever is changed about a known call: it is refused, or it counts as at least as dangerous. */
import fc from 'fast-check';
import { type CallShape, classOf } from '../../lib/runbook/danger.ts';
import { grantRule } from '../../lib/runbook/grants.ts';
import { type DangerClass, dangerClasses } from '../../lib/runbook/plan.ts';
import { arrayDangers, peerArrayOf } from '../../lib/vsp/danger.ts';
import { drillableOf, openLab } from '../actions/lab.ts';

const lab = openLab();
const context = { facts: await lab.facts(), drillable: drillableOf(lab).dr };
const drill = (await lab.plan()).calls;
const DR = '900000040015';
const MAIN = '900000040014';
const [pair] = lab.pairs;

type Body = Record<string, unknown> | undefined;
const forms = [
  { prefix: `/v1/objects/storages/${DR}`, action: 'PUT', attribute: 'PUT' },
  { prefix: '/v1/objects', action: 'POST', attribute: 'PATCH' },
] as const;

/** Every row of the table as one call in each form of the API. */
const rows: CallShape[] = forms.flatMap(({ prefix, action, attribute }) =>
  arrayDangers.map((row): CallShape => {
    const [kind = '', , verb] = row.path.split('/');
    const id = row.path.includes('*') ? `/${idFor(kind)}` : '';
    const path = `${prefix}/${kind}${id}${verb === undefined ? '' : `/actions/${verb}/invoke`}`;
    const method = { ACTION: action, ATTRIBUTE: attribute, POST: 'POST', DELETE: 'DELETE' }[
      row.verb
    ];
    const named = Object.fromEntries((row.when ?? row.only).map((name) => [name, true]));
    const body: Body = row.verb === 'ACTION' ? { parameters: named } : named;
    return { target: `array:${DR}`, method, path, body, holes: [] };
  }),
);

function idFor(kind: string): string {
  if (kind.startsWith('local-clone')) {
    return `PAY01-DRILL,PAY01-DRILLP_,PAY01-DRILLS_${kind.endsWith('pairs') ? ',p' : ''}`;
  }
  if (!kind.startsWith('remote-mirror')) return '7';
  return `${MAIN},PAY01,PAY01S_,PAY01P_${kind.endsWith('pairs') ? ',p' : ''}`;
}

const cloud: CallShape[] = [
  ...drill.filter((call) => !call.target.startsWith('array:')).slice(0, 12),
  { target: 'cinder:dr', method: 'DELETE', path: `/volumes/${pair?.copyVolume}`, holes: [] },
  { target: 'nova:dr', method: 'DELETE', path: `/servers/${pair?.copyVolume}`, holes: [] },
  { target: 'neutron:main', method: 'DELETE', path: `/v2.0/networks/${pair?.main}`, holes: [] },
];
const known = [...rows, ...cloud];

const rank = (danger: DangerClass | undefined): number =>
  danger === undefined ? dangerClasses.length : dangerClasses.indexOf(danger);

test('every row has a class above none and a rule for grants, in both forms of the API', () => {
  expect(rows).toHaveLength(arrayDangers.length * 2);
  for (const [i, call] of rows.entries()) {
    const danger = classOf(call, context);
    expect([call.path, danger]).toEqual([call.path, arrayDangers[i % arrayDangers.length]?.class]);
    const rule = grantRule({ ...call, class: danger ?? 'takeover' });
    expect(rule !== undefined).toBe(danger !== 'copy');
    const remote = call.path.includes('remote-mirror');
    expect(rule?.session ?? false).toBe(remote);
    if (remote && call.path.includes(MAIN)) expect(peerArrayOf(call)).toBe(MAIN);
  }
});

test('a call that names the array asked alone needs no session of the other one', () => {
  const half = rows.map((call) => call.path.replace(`${MAIN},PAY01,PAY01S_,PAY01P_`, HALF));
  for (const path of half.filter((one) => one.includes(HALF))) {
    expect(grantRule({ target: `array:${DR}`, path, class: 'takeover' })).toEqual({
      session: false,
    });
    for (const other of [path.replace('NotSpecified', MAIN), path.replace(/,NotSpecified/, ',X')]) {
      expect(grantRule({ target: `array:${DR}`, path: other, class: 'copy' })).toEqual({
        session: true,
      });
    }
  }
});
const HALF = 'NotSpecified,PAY01,PAY01S_,NotSpecified';

/** One letter of the path changed, added or taken out. */
const letters = fc.record({
  at: fc.nat(200),
  how: fc.constantFrom('change', 'add', 'drop'),
  letter: fc.constantFrom(...'abz019/,._-%{}?#;: \\\u0000éA'.split('')),
});

function misspelt(text: string, { at, how, letter }: { at: number; how: string; letter: string }) {
  const i = at % text.length;
  if (how === 'drop') return text.slice(0, i) + text.slice(i + 1);
  return text.slice(0, i) + letter + text.slice(how === 'add' ? i : i + 1);
}

/** The body with something more, less or other in it, at any depth. */
const bodies = fc.constantFrom<(body: unknown) => unknown>(
  (body) => ({ ...(body as object), svolOperationMode: 'SSWS' }),
  (body) => ({ ...(body as object), forceSplit: true }),
  (body) => ({ ...(body as object), parameters: { mode: 'auto' } }),
  (body) => ({ ...(body as object), parameters: { doSwapSvol: true } }),
  (body) => ({ ...(body as object), Parameters: {} }),
  (body) => JSON.parse(JSON.stringify(body ?? {}).replaceAll('"quickMode"', '"QuickMode"')),
  (body) => JSON.parse(`{"__proto__":{"forceSplit":true},"x":${JSON.stringify(body ?? {})}}`),
  (body) => [body],
  (body) => JSON.stringify(body ?? {}),
  () => null,
  () => ({ parameters: [] }),
  () => ({ parameters: 'quickMode' }),
  (body) => ({ ...(body as object), 'os-force_delete': null }),
);

const seed = 23;
const numRuns = Number(process.env['DRILLBOOK_SMUGGLED'] ?? 400);

test('no path, verb, body or target next to a known one is less dangerous', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...known),
      fc.option(letters, { nil: undefined }),
      fc.constantFrom('PUT', 'POST', 'PATCH', 'DELETE', 'GET', 'put', undefined),
      fc.option(bodies, { nil: undefined }),
      fc.constantFrom('array:900000040014', 'cinder:main', 'probe', undefined),
      (call, letter, method, body, target) => {
        const mutant: CallShape = {
          ...call,
          ...(letter === undefined ? {} : { path: misspelt(call.path, letter) }),
          ...(method === undefined ? {} : { method }),
          ...(body === undefined ? {} : { body: body(call.body) }),
          ...(target === undefined ? {} : { target }),
        };
        // Another path, verb or target may be another known call: then its own row counts.
        const same = letter === undefined && method === undefined && target === undefined;
        const floor = same ? rank(classOf(call, context)) : rank('copy');
        expect(rank(classOf(mutant, context))).toBeGreaterThanOrEqual(floor);
        if (letter !== undefined && classOf(mutant, context) === 'copy') {
          // Only what is on the list at this very site is of class copy.
          expect(named(mutant)).toEqual([]);
        }
      },
    ),
    { seed, numRuns },
  );
});

/** Ids in the path that are on no list. */
function named({ target, path }: CallShape): string[] {
  const ids = path.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g) ?? [];
  const groups = target.startsWith('array:')
    ? [path.split('/').find((one) => one.includes(',')) ?? '']
    : [];
  return [
    ...ids.filter((id) => !context.drillable.volumes.includes(id)),
    ...groups.filter((one) => one.split(',')[0] !== context.drillable.copyGroups[0]),
  ];
}

test('a parameter beside `parameters`, or a name nobody knows, is refused', () => {
  for (const call of rows) {
    const body = call.body as Record<string, unknown>;
    expect(classOf({ ...call, body: { ...body, alsoThis: 1 } }, context)).toBeUndefined();
    if (!('parameters' in body)) continue;
    const parameters = { ...(body['parameters'] as object), alsoThis: 1 };
    expect(classOf({ ...call, body: { parameters } }, context)).toBeUndefined();
  }
});
