/** No secret reaches a log line, wherever it hides; what people need to read does. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { redact } from '../lib/logger.ts';

const secret = 'zq9-not-for-anyone-81x';
const hidden = [
  'token',
  'bot_access_token',
  'X-Auth-Token',
  'X-Subject-Token',
  'password',
  'adminPass_word',
  'Authorization',
  'trigger_id',
  'response_url',
  'private_metadata',
  'clientSecret',
  'SLACK_SIGNING_SECRET',
  'signature',
  'X-Slack-Signature',
  'Set-Cookie',
  'credentials',
];

test.each(hidden)('the value of %s is hidden at any depth', (name) => {
  const written = JSON.stringify(redact({ a: [{ b: { [name]: secret } }], [name]: { c: secret } }));
  expect(written).not.toContain(secret);
  expect(written).toContain(name);
});

test.each([
  `token=${secret}&text=drill`,
  `xoxb-1234-${secret}`,
  `Bearer ${secret}`,
  `Authorization: Session ${secret}`,
  `https://hooks.slack.com/commands/T0/1/${secret}`,
  `-----BEGIN EC PRIVATE KEY-----\n${secret}\n-----END EC PRIVATE KEY-----`,
])('a secret inside text is hidden: %s', (text) => {
  expect(JSON.stringify(redact({ message: text }))).not.toContain(secret);
  expect(JSON.stringify(redact(new Error(text)))).not.toContain(secret);
  expect(JSON.stringify(redact({ cause: new Error('x', { cause: new Error(text) }) })))
    .not //
    .toContain(secret);
});

test('what people need stays: names, codes, hashes, Korean text', () => {
  const fields = {
    run: 'r-1',
    planHash: 'ab'.repeat(32),
    service: '지급결제 계정계',
    n: 0,
    no: null,
  };
  expect(redact(fields)).toEqual(fields);
});

test('a circle ends instead of hanging the process', () => {
  const circle: Record<string, unknown> = { name: 'a' };
  circle['self'] = circle;
  expect(JSON.stringify(redact(circle))).toContain('[deeper]');
});

test('a line on its way out of the process carries room and message, and no secret', () => {
  const program = `
    import { createLogger } from './lib/logger.ts';
    const log = createLogger('slack');
    log.info('checked, token=${secret}', { run: 'r-1', headers: { authorization: '${secret}' } });
    log.error('refused', { error: new Error('Bearer ${secret}') });`;
  const root = path.dirname(path.dirname(new URL(import.meta.url).pathname));
  const args = ['--import', 'tsx', '--input-type=module', '-e', program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  const said = `${stdout}${stderr}`;
  expect(said).toContain('"room":"slack"');
  expect(said).toContain('"run":"r-1"');
  expect(said).toContain('refused');
  expect(said).not.toContain(secret);
});
