/** What Step Functions is really asked, over HTTP, and how its answers are read. */
import { afterEach, expect, test } from '@jest/globals';
import { serveHttp } from '../../lib/http.ts';
import { awsExecutions } from '../../lib/store/conductor.ts';

const env = {
  region: 'ap-northeast-2',
  conductor: 'arn:aws:states:ap-northeast-2:123456789012:stateMachine:drillbook-dev-conductor',
  credentials: { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'only-for-tests' },
};

type Service = Awaited<ReturnType<typeof serveHttp>>;
let service: Service;
afterEach(() => service.close());

/** A service that answers by script; what it was asked, as `operation body`. */
async function answering(answer: (operation: string, body: string) => [number, object]) {
  const asked: [string, unknown][] = [];
  service = await serveHttp(
    async ({ headers, body = '' }) => {
      const operation = String(headers['x-amz-target']).replace('AWSStepFunctions.', '');
      asked.push([operation, JSON.parse(body)]);
      const [status, said] = answer(operation, body);
      return { status, headers: {}, body: JSON.stringify(said) };
    },
    { host: '127.0.0.1', port: 0 },
  );
  return { asked, executions: awsExecutions(env, service.url) };
}

test('starting a generation twice is starting it once; its name is run and generation', async () => {
  const started = new Set<string>();
  const { asked, executions } = await answering((_, body) => {
    const { name } = JSON.parse(body);
    if (started.has(name)) return [400, { __type: 'ExecutionAlreadyExists' }];
    started.add(name);
    return [200, {}];
  });
  await executions.start('r-1', 2);
  await executions.start('r-1', 2);
  expect(started).toEqual(new Set(['r-1-2']));
  const input = '{"run":"r-1","n":2}';
  const body = { stateMachineArn: env.conductor, name: 'r-1-2', input };
  expect(asked).toEqual([
    ['StartExecution', body],
    ['StartExecution', body],
  ]);
});

test.each([
  ['RUNNING', 'running'],
  ['PENDING_REDRIVE', 'running'],
  ['SUCCEEDED', 'over'],
  ['FAILED', 'over'],
  ['TIMED_OUT', 'over'],
  ['ABORTED', 'over'],
])('an execution that is %s is %s', async (status, standing) => {
  const { asked, executions } = await answering(() => [200, { status }]);
  expect(await executions.standing('r-1', 1)).toBe(standing);
  const executionArn = `${env.conductor.replace('stateMachine', 'execution')}:r-1-1`;
  expect(asked).toEqual([['DescribeExecution', { executionArn }]]);
});

test('an execution that never was is absent', async () => {
  const { executions } = await answering(() => [400, { __type: 'ExecutionDoesNotExist' }]);
  expect(await executions.standing('r-1', 1)).toBe('absent');
});

test.each(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'])(
  'a token of which Step Functions says %s wakes nobody and is no error',
  async (__type) => {
    const { executions } = await answering(() => [400, { __type }]);
    expect(await executions.signal('AAAA')).toBe(false);
  },
);

test('a token that is waited with wakes; any other refusal is told', async () => {
  let status = 200;
  const { asked, executions } = await answering(() => [status, { __type: 'AccessDenied' }]);
  expect(await executions.signal('AAAA')).toBe(true);
  expect(asked).toEqual([['SendTaskSuccess', { taskToken: 'AAAA', output: '{}' }]]);
  status = 400;
  const refused = { code: 'STORE-ANSWER' };
  await expect(executions.signal('AAAA')).rejects.toMatchObject(refused);
  await expect(executions.standing('r', 1)).rejects.toMatchObject(refused);
  await expect(executions.start('r', 1)).rejects.toMatchObject(refused);
  await service.close();
  await expect(executions.start('r', 1)).rejects.toThrow(/No answer/);
});

test('without a state machine or credentials nothing is asked', async () => {
  const { asked } = await answering(() => [200, {}]);
  const { conductor: _none, ...nowhere } = env;
  const { credentials: _nobody, ...unnamed } = env;
  await expect(awsExecutions(nowhere, service.url).start('r', 1)).rejects.toThrow(/STORE-ENV/);
  await expect(awsExecutions(unnamed, service.url).signal('A')).rejects.toThrow(/STORE-ENV/);
  expect(asked).toEqual([]);
});
