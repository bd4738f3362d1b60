/** The door as Slack meets it: signed bytes in, an answer out, nothing done for a stranger. */
import { createSlackDoor } from '../../lib/slack/door.ts';
import {
  click,
  command,
  form,
  openWorld,
  payload,
  SECRET,
  signed,
  textOf,
  type World,
  wishOf,
} from './support.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const now = () => Math.floor(world.clock.now() / 1000);
const drill = () => form(command('drill payments'));
const APPROVE = { action: 'drillbook:approve', value: '{"run":"r-0123456789","planHash":"ab"}' };

describe('who is let in', () => {
  const rows: [string, (w: World) => ReturnType<typeof signed>, number][] = [
    ['a valid command', (w) => signed(drill(), w.clock), 200],
    ['six minutes old', (w) => signed(drill(), w.clock, { timestamp: now() - 360 }), 401],
    ['301 seconds old', (w) => signed(drill(), w.clock, { timestamp: now() - 301 }), 401],
    ['300 seconds old', (w) => signed(drill(), w.clock, { timestamp: now() - 300 }), 200],
    ['60 seconds ahead', (w) => signed(drill(), w.clock, { timestamp: now() + 60 }), 200],
    ['61 seconds ahead', (w) => signed(drill(), w.clock, { timestamp: now() + 61 }), 401],
    ['a day ahead', (w) => signed(drill(), w.clock, { timestamp: now() + 86_400 }), 401],
    ['another secret', (w) => signed(drill(), w.clock, { secret: 'wrong' }), 401],
    ['no signature', (w) => signed(drill(), w.clock, { unsigned: true }), 401],
    ['empty body, unsigned', (w) => signed('', w.clock, { unsigned: true }), 401],
    ['broken JSON, unsigned', (w) => signed('{"a":', w.clock, { unsigned: true }), 401],
    ['broken payload, unsigned', (w) => signed('payload=%7Bx', w.clock, { unsigned: true }), 401],
    ['broken payload, signed', (w) => signed('payload=%7Bx', w.clock), 400],
    ['another kind of body', (w) => signed('hello', w.clock, { contentType: 'text/plain' }), 400],
  ];
  it.each(rows)('%s', async (_, event, status) => {
    const answer = await world.door(event(world));
    expect(answer.statusCode).toBe(status);
    expect(world.inbox.length).toBe(status === 200 ? 1 : 0);
  });

  it('refuses a signature of the right length and of another version', async () => {
    const event = signed(drill(), world.clock);
    const signature = event.headers['X-Slack-Signature'] ?? '';
    for (const forged of [
      signature.replace(/.$/, (c) => (c === '0' ? '1' : '0')),
      `v1${signature}`,
      '',
    ]) {
      event.headers['X-Slack-Signature'] = forged;
      expect((await world.door(event)).statusCode).toBe(401);
    }
  });

  it('counts and logs what it refuses', async () => {
    await world.door(signed(drill(), world.clock, { secret: 'wrong' }));
    await world.door(signed(drill(), world.clock, { timestamp: now() + 86_400 }));
    expect(world.log.map((line) => JSON.parse(line) as object)).toEqual([
      { message: 'slack.refused', why: 'signature', refused: 1 },
      { message: 'slack.refused', why: 'future', refused: 2 },
    ]);
  });

  it('does not open with an empty secret', () => {
    const { door: _, ...rest } = world;
    expect(() =>
      createSlackDoor({ ...(rest as never as object), signingSecret: ' ' } as never),
    ).toThrow('SLK-SECRET');
  });

  it('answers the check of the certificate and of the address', async () => {
    const ssl = signed('ssl_check=1&token=x', world.clock, { unsigned: true });
    expect(await world.door(ssl)).toEqual({ statusCode: 200, body: '' });
    const body = JSON.stringify({ type: 'url_verification', challenge: '도전' });
    const contentType = 'application/json';
    const challenge = await world.door(signed(body, world.clock, { contentType }));
    expect(challenge.body).toBe('{"challenge":"도전"}');
    const forged = signed(body, world.clock, { contentType, secret: 'wrong' });
    expect((await world.door(forged)).statusCode).toBe(401);
  });

  it('does not take a command for a certificate check', async () => {
    const smuggled = form(command('drill payments', { ssl_check: '1' }));
    const answer = await world.door(signed(smuggled, world.clock, { unsigned: true }));
    expect(answer.statusCode).toBe(401);
    expect(world.inbox).toEqual([]);
  });

  it('reads base64 and content types with a charset', async () => {
    const contentType = 'application/x-www-form-urlencoded; charset=utf-8';
    const body = form(command('drill 지급결제 계정계'));
    const answer = await world.door(signed(body, world.clock, { contentType, base64: true }));
    expect(textOf(answer)).toContain('지급결제 계정계');
    expect(wishOf(world.inbox[0]).ask).toMatchObject({ verb: 'open', service: 'payments' });
    const event = JSON.stringify({
      type: 'event_callback',
      team_id: 'T0BANK',
      event: { type: 'app_home_opened', user: 'U', tab: 'home', channel: 'D1', text: '한글' },
    });
    const json = signed(event, world.clock, {
      contentType: 'application/json;charset=UTF-8',
      base64: true,
    });
    expect((await world.door(json)).statusCode).toBe(200);
  });
});

describe('the same bytes twice', () => {
  it('opens one run and says so', async () => {
    const event = signed(drill(), world.clock);
    const first = await world.door(event);
    const second = await world.door(event);
    expect(world.inbox).toHaveLength(1);
    expect(textOf(first)).toContain('접수했습니다');
    expect(textOf(second)).toContain('이미 접수된');
    expect(world.inbox[0]?.run).toMatch(/^r-[0-9a-f]{10}$/);
  });

  it('counts one press, two presses of a double click are two deliveries', async () => {
    const event = signed(payload(click(world, APPROVE)), world.clock);
    await world.door(event);
    await world.door(event);
    expect(world.inbox).toHaveLength(1);
    const again = click(world, { ...APPROVE, trigger: '9.9.other-trigger' });
    await world.door(signed(payload(again), world.clock));
    expect(world.inbox).toHaveLength(2);
    expect(new Set(world.inbox.map((item) => item.delivery)).size).toBe(2);
  });
});

describe('a person always gets an answer', () => {
  it('when the store is away, with an id that is in the log', async () => {
    world.fail = 'put';
    const answer = await world.door(signed(drill(), world.clock));
    expect(answer.statusCode).toBe(200);
    const id = /오류 번호 ([0-9a-f]{8})/.exec(textOf(answer))?.[1] ?? 'none';
    expect(world.log.some((line) => line.includes(id) && line.includes('store is away'))).toBe(
      true,
    );
    const pressed = await world.door(signed(payload(click(world, APPROVE)), world.clock));
    expect(pressed).toMatchObject({ statusCode: 200, body: '' });
    expect(world.told.at(-1)?.text).toMatch(/오류 번호 [0-9a-f]{8}/);
  });

  it('when nobody can be woken: it is recorded, and may be late', async () => {
    world.fail = 'signal';
    const answer = await world.door(signed(drill(), world.clock));
    expect(world.inbox).toHaveLength(1);
    expect(textOf(answer)).toContain('늦을 수 있습니다');
  });

  it('when the button is not known any more', async () => {
    for (const [action, value] of [
      ['drillbook:approval', APPROVE.value],
      ['other:approve', APPROVE.value],
      ['drillbook:approve', 'not json'],
      ['drillbook:approve', '{"run":"r-0123456789"}'],
      ['drillbook:approve', '{"run":"run:payments","planHash":"ab"}'],
      ['drillbook:answer:performed', '{"run":"r-0123456789"}'],
    ] as const) {
      const body = payload(click(world, { action, value, trigger: `${action} ${value}` }));
      expect((await world.door(signed(body, world.clock))).statusCode).toBe(200);
      expect(world.told.at(-1)?.text).toContain('더 이상 쓰지 않는 버튼');
    }
    expect(world.inbox).toEqual([]);
    expect(world.told).toHaveLength(6);
  });

  it('never calls an address that is not Slack', async () => {
    const evil = click(
      world,
      { ...APPROVE, value: 'x' },
      { response_url: 'http://169.254.169.254/a' },
    );
    await world.door(signed(payload(evil), world.clock));
    expect(world.log.join()).toContain('no usable response address');
  });

  it('acknowledges events and submissions it has no use for', async () => {
    const view = {
      type: 'view_submission',
      team: { id: 'T0BANK' },
      user: { id: 'U02LEE' },
      view: { id: 'V1', callback_id: 'x', state: { values: {} } },
    };
    expect((await world.door(signed(payload(view), world.clock))).statusCode).toBe(200);
  });
});

it('logs no token, no address and no trigger', async () => {
  const bodies = [
    form(command('drill payments')),
    form(command('drill paymets')),
    form(command('drill payments', { user_id: 'U99STRANGER' })),
    payload(click(world, APPROVE)),
    payload(click(world, { ...APPROVE, user: 'U99STRANGER' })),
    payload(click(world, { ...APPROVE, value: 'x' })),
    payload(click(world, { ...APPROVE, action: 'what' })),
    'payload=%7B%22token%22%3A%22legacy-token',
  ];
  for (const fail of [undefined, 'put', 'signal'] as const) {
    world.fail = fail;
    for (const body of bodies) {
      await world.door(signed(body, world.clock));
      await world.door(signed(body, world.clock, { secret: 'wrong' }));
    }
  }
  const log = world.log.join('\n');
  expect(log.length).toBeGreaterThan(500);
  expect(log).not.toMatch(/legacy-token|secret-trigger|secret-address|hooks\.slack|v0=/);
  expect(log).not.toContain(SECRET);
  expect(JSON.stringify(world.inbox)).not.toMatch(/legacy-token|secret-trigger|secret-address/);
});
