/**
 * What control plane and gateway said to each other in this version, door by door and refusal by
 * refusal: test/histories/<version>/messages.json, which later gateways must go on understanding.
 */
import { existsSync, writeFileSync } from 'node:fs';
import type { Http } from '../lib/http.ts';
import { ids } from '../test/gateway/plan.ts';
import { type House, openHouse, statementsOf, URL_OF_GATEWAY } from '../test/gateway/support.ts';

interface Said {
  readonly what: string;
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly status: number;
  readonly answer: string;
}

const readable = `/v1/objects/storages/${ids.array}/local-clone-copygroups`;

type Talk = readonly (readonly [string, (house: House) => Promise<unknown>])[];

const talk: Talk = [
  ['is it there', ({ gateway }) => gateway.health()],
  ['a call of a plan it does not know', (house) => house.put('split.group')],
  ['a plan', (house) => house.register()],
  ['a call that nobody approved', (house) => house.put('split.group')],
  [
    'one approval of two',
    (house) =>
      house.gateway.approve({
        planHash: house.planHash,
        statements: statementsOf(house, {}, ['p-00000001']),
      }),
  ],
  [
    'approvals of another plan',
    (house) =>
      house.gateway.approve({
        planHash: house.planHash,
        statements: statementsOf(house, { planHash: 'f'.repeat(64) }),
      }),
  ],
  [
    'the approvals',
    (house) => house.gateway.approve({ planHash: house.planHash, statements: statementsOf(house) }),
  ],
  ['a call before its turn', (house) => house.put('boot.port')],
  ['a call of another site', (house) => house.put('fence.main')],
  ['a call that comes too late', (house) => house.put('split.group', { putBy: 1 })],
  ['asking after a key that never came', ({ gateway, keyOf }) => gateway.ask(keyOf('split.group'))],
  ['a call under a void key', (house) => house.put('split.group')],
  ['the next attempt', (house) => house.put('split.group', { attempt: 2 })],
  ['what became of it', ({ gateway, keyOf }) => gateway.ask(keyOf('split.group', 2))],
  ['the same call again', (house) => house.put('split.group', { attempt: 2 })],
  ['one attempt too many', (house) => house.put('split.group', { attempt: 3 })],
  ['a read', ({ gateway }) => gateway.read(`array:${ids.array}`, readable)],
  ['a read that is not allowed', ({ gateway }) => gateway.read('nova:dr', '/os-hypervisors')],
  ['a read of a target it does not have', ({ gateway }) => gateway.read('nova:main', '/servers')],
  ['is it still there', ({ gateway }) => gateway.health()],
];

/** Plays the talk and answers what was said, in order. */
async function listen(): Promise<Said[]> {
  const house = openHouse();
  const said: Said[] = [];
  const now = { what: '' };
  house.tap =
    (http: Http): Http =>
    async (request) => {
      const at = house.clock.now();
      const answer = await http(request);
      const { method, body } = request;
      const path = request.url.slice(URL_OF_GATEWAY.length);
      const asked = { what: now.what, at, method, path, ...(body === undefined ? {} : { body }) };
      said.push({ ...asked, status: answer.status, answer: answer.body });
      return answer;
    };
  for (const [what, say] of talk) {
    now.what = what;
    // A refusal is an answer like any other.
    await say(house).catch(() => undefined);
    await house.running.settled();
  }
  return said;
}

/** Writes the file unless it is there. */
export async function recordMessages(file: string): Promise<void> {
  if (existsSync(file)) return;
  const said = await listen();
  writeFileSync(file, `${JSON.stringify(said, null, 1)}\n`);
  const statuses = said.map(({ status }) => status).join(' ');
  process.stdout.write(`messages: ${said.length} (${statuses})\n`);
}
