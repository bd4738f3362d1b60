/** A door with everything around it visible: store, signals, log, private answers. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type ManualClock, manualClock } from '../../lib/clock.ts';
import { serveHttp } from '../../lib/http.ts';
import { seededRandom } from '../../lib/random.ts';
import { inboxBodySchema } from '../../lib/run/inbox.ts';
import { createSlackDoor, type SlackDoor } from '../../lib/slack/door.ts';
import type { DoorConfig } from '../../lib/slack/door-config.ts';
import { sign } from '../../lib/slack/verify.ts';
import type { DoorStore } from '../../lib/slack/visit.ts';
import type { HeadItem, InboxItem } from '../../lib/store/store.ts';

export const SECRET = 'a signing secret of this test';
export const TEAM = 'T0BANK';
export const KIM = { id: 'p-3ce3094d', user: 'U01KIM' };
export const LEE = { id: 'p-f054e0b8', user: 'U02LEE' };
export const HAN = { id: 'p-27f82f94', user: 'U06HAN' };

export const config: DoorConfig = {
  workspace: TEAM,
  channel: 'C0DRDRILL',
  language: 'ko',
  services: [
    { id: 'payments', name: { ko: '지급결제 계정계', en: 'Payments core' } },
    { id: 'loans', name: { ko: '여신 관리', en: 'Loan management' } },
  ],
  runbooks: [
    { id: 'drill-copy', title: { ko: '복제본 기반 모의훈련', en: 'Drill on copies' } },
    { id: 'copies-resync', title: { ko: '복제본 재동기화', en: 'Resync copies' } },
  ],
  people: [
    person('kim', KIM, { ko: '김하늘', en: 'Kim Haneul' }, 'ko'),
    person('lee', LEE, { ko: '이서준', en: 'Lee Seojun' }, 'ko'),
    person('han', HAN, { ko: '한유진', en: 'Han Yujin' }, 'en'),
  ],
};

function person(
  handle: string,
  { id, user }: { id: string; user: string },
  name: { ko: string; en: string },
  language: 'ko' | 'en',
): DoorConfig['people'][number] {
  return { id, handle, name, language, slack: [{ team: TEAM, user }] };
}

export interface Told {
  readonly path: string;
  readonly text: string;
  readonly body: string;
}

export interface World {
  readonly door: SlackDoor;
  readonly clock: ManualClock;
  readonly inbox: InboxItem[];
  readonly signals: string[];
  readonly heads: HeadItem[];
  readonly notes: Map<string, string>;
  /** Lines of the log as JSON. */
  readonly log: string[];
  /** What was posted to response addresses. */
  readonly told: Told[];
  readonly responseUrl: string;
  fail: 'put' | 'signal' | 'read' | undefined;
  close(): Promise<void>;
}

export async function openWorld(doorConfig: DoorConfig = config): Promise<World> {
  const told: Told[] = [];
  const slack = await serveHttp(
    async ({ url, body = '' }) => {
      const { text } = JSON.parse(body) as { text: string };
      told.push({ path: new URL(url).pathname, text, body });
      return { status: 200, headers: {}, body: 'ok' };
    },
    { host: '127.0.0.1', port: 0 },
  );
  const log: string[] = [];
  const line = (message: string, fields: object = {}) => {
    log.push(JSON.stringify({ message, ...fields }));
  };
  const world = {
    clock: manualClock(),
    inbox: [] as InboxItem[],
    signals: [] as string[],
    heads: [] as HeadItem[],
    notes: new Map<string, string>(),
    log,
    told,
    responseUrl: `${slack.url}/actions/secret-address`,
    fail: undefined as World['fail'],
    close: () => slack.close(),
  };
  const failing = (what: World['fail']) => {
    if (world.fail === what) throw new Error('the store is away');
  };
  const store: DoorStore = {
    putInbox: async (item) => {
      failing('put');
      const known = world.inbox.some(
        (one) => one.run === item.run && one.delivery === item.delivery,
      );
      if (!known) world.inbox.push(item);
      return !known;
    },
    head: async (run) => world.heads.find((item) => item.run === run),
    heads: async (limit) => {
      failing('read');
      return world.heads.slice(0, limit);
    },
    note: async (run, name) => world.notes.get(`${run} ${name}`),
  };
  const door = createSlackDoor({
    signingSecret: SECRET,
    config: doorConfig,
    store,
    signal: async (run) => {
      failing('signal');
      world.signals.push(run);
    },
    clock: world.clock,
    random: seededRandom('door'),
    log: { debug: line, info: line, warn: line, error: line },
  });
  return Object.assign(world, { door });
}

export interface Shape {
  readonly timestamp?: number;
  readonly secret?: string;
  readonly contentType?: string;
  readonly base64?: boolean;
  readonly unsigned?: boolean;
}

/** What API Gateway would hand over for these bytes. */
export function signed(rawBody: string, clock: ManualClock, shape: Shape = {}) {
  const timestamp = String(shape.timestamp ?? Math.floor(clock.now() / 1000));
  const signature = sign({ rawBody, timestamp, signingSecret: shape.secret ?? SECRET });
  const headers: Record<string, string> = {
    'Content-Type': shape.contentType ?? 'application/x-www-form-urlencoded',
    ...(shape.unsigned
      ? {}
      : { 'X-Slack-Request-Timestamp': timestamp, 'X-Slack-Signature': signature }),
  };
  const body = shape.base64 ? Buffer.from(rawBody).toString('base64') : rawBody;
  const event: Pick<APIGatewayProxyEventV2, 'headers' | 'body' | 'isBase64Encoded' | 'rawPath'> = {
    headers,
    body,
    isBase64Encoded: shape.base64 ?? false,
    rawPath: '/slack/events',
  };
  return event as APIGatewayProxyEventV2;
}

/** Keys as Slack sends them for a slash command. */
export function command(text: string, over: Record<string, string> = {}): Record<string, string> {
  return {
    token: 'legacy-token',
    api_app_id: 'A0DRILL',
    team_id: TEAM,
    team_domain: 'hanbit',
    channel_id: 'C0DRDRILL',
    channel_name: 'dr-drill',
    user_id: KIM.user,
    user_name: 'kim',
    command: '/dr',
    text,
    response_url: 'https://hooks.slack.com/commands/secret-address',
    trigger_id: '1.2.secret-trigger',
    is_enterprise_install: 'false',
    ...over,
  };
}

export const form = (fields: Record<string, string>): string =>
  new URLSearchParams(fields).toString();

/** Keys as Slack sends them for a pressed button. */
export function click(
  world: World,
  pressed: { action: string; value: string; user?: string; userTeam?: string; trigger?: string },
  over: Record<string, unknown> = {},
): Record<string, unknown> {
  const {
    action,
    value,
    user = LEE.user,
    userTeam = TEAM,
    trigger = '9.8.secret-trigger',
  } = pressed;
  return {
    type: 'block_actions',
    token: 'legacy-token',
    api_app_id: 'A0DRILL',
    team: { id: TEAM, domain: 'hanbit' },
    user: { id: user, username: 'lee', name: 'lee', team_id: userTeam },
    container: {
      type: 'message',
      message_ts: '1795400000.000100',
      channel_id: 'C0DRDRILL',
      is_ephemeral: false,
    },
    trigger_id: trigger,
    channel: { id: 'C0DRDRILL', name: 'dr-drill' },
    response_url: world.responseUrl,
    message: { type: 'message', ts: '1795400000.000100', text: '승인 요청' },
    state: { values: {} },
    actions: [
      {
        action_id: action,
        block_id: 'b1',
        text: { type: 'plain_text', text: '승인', emoji: true },
        value,
        type: 'button',
        action_ts: '1795400001.000200',
      },
    ],
    is_enterprise_install: false,
    ...over,
  };
}

export const payload = (body: Record<string, unknown>): string =>
  form({ payload: JSON.stringify(body) });

/** The wish in an inbox item. */
export const wishOf = (item: InboxItem | undefined) =>
  inboxBodySchema.parse(JSON.parse(item?.body ?? ''));

/** The text a command was answered with. */
export function textOf(result: { body?: string | undefined }): string {
  return (JSON.parse(result.body ?? '') as { text: string }).text;
}
