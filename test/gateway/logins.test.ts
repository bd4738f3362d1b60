/** A wrong password does not lock the account of an array or a cloud: it rests, longer each time. */
import { ids } from './plan.ts';
import { openHouse, secrets } from './support.ts';

const ARRAY = [`array:${ids.array}`, `/v1/objects/storages/${ids.array}/ldevs/1`] as const;
const CLOUD = ['nova:dr', '/servers/detail'] as const;
const MINUTE = 60_000;

function openWrong(status = 401) {
  const house = openHouse();
  house.site.onLogin = () => ({ status, headers: {}, body: '' });
  const logins = () =>
    house.site.asked.filter((text) => /^POST .*\/(sessions|tokens)$/.test(text)).length;
  const ask = async ([target, path]: readonly [string, string]) => {
    const refused = await house.gateway.read(target, path).catch((error) => error);
    return `${refused.code ?? refused.status}`;
  };
  return { house, logins, ask };
}

test.each([
  ['an array', ARRAY],
  ['a cloud', CLOUD],
])(
  '%s is asked once, then after one, two, four minutes and in the end each hour',
  async (_, at) => {
    const { house, logins, ask } = openWrong();
    expect(await ask(at)).toBe('GW-TARGET-LOGIN');
    for (let i = 0; i < 20; i++) expect(await ask(at)).toBe('GW-LOGIN-REST');
    expect(logins()).toBe(1);
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      house.clock.advance(minutes * MINUTE - 1);
      expect(await ask(at)).toBe('GW-LOGIN-REST');
      house.clock.advance(1);
      const before = logins();
      await Promise.all([ask(at), ask(at), ask(at)]);
      expect(logins()).toBe(before + 1);
    }
  },
);

test('what it says names the account and the time, and not the password', async () => {
  const { house, ask } = openWrong();
  await ask(ARRAY);
  const [target, path] = ARRAY;
  const refused = await house.gateway.read(target, path).catch((error) => error);
  expect(refused.why).toMatch(/turned down 1 times; the next try is at 2026-/);
  expect(JSON.stringify([refused, house.said])).not.toContain(secrets[0]);
});

test('a password that is right again is forgotten to have been wrong; other accounts go on', async () => {
  const { house, logins, ask } = openWrong();
  await ask(ARRAY);
  house.site.onLogin = () => undefined;
  expect(await ask(CLOUD)).toBe('200');
  expect(await ask(ARRAY)).toBe('GW-LOGIN-REST');
  house.clock.advance(MINUTE);
  expect(await ask(ARRAY)).toBe('200');
  house.site.revoke();
  const before = logins();
  house.site.onLogin = () => ({ status: 403, headers: {}, body: '' });
  expect(await ask(ARRAY)).toBe('GW-TARGET-LOGIN');
  house.clock.advance(MINUTE);
  expect(await ask(ARRAY)).toBe('GW-TARGET-LOGIN');
  expect(logins()).toBe(before + 2);
});

test('a target that is full is no wrong password, and a gateway that starts anew tries at once', async () => {
  const full = openWrong(503);
  for (let i = 0; i < 3; i++) expect(await full.ask(ARRAY)).toBe('GW-TARGET-LOGIN');
  expect(full.logins()).toBe(3);
  const { house, ask } = openWrong();
  await ask(ARRAY);
  house.restart();
  house.site.onLogin = () => undefined;
  expect(await ask(ARRAY)).toBe('200');
});

test('nothing is put while the account rests', async () => {
  const { house, ask } = openWrong();
  await house.approve();
  await ask(ARRAY);
  await expect(house.put('split.group')).rejects.toMatchObject({ code: 'GW-LOGIN-REST' });
  expect(house.site.accepted).toHaveLength(0);
});
