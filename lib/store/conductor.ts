/** The conductor in AWS: one Step Functions execution per run and generation (`conductor.asl.yml`). */
import * as z from 'zod';
import type { Env } from '../env.ts';
import type { Executions } from '../run/generation.ts';
import { StoreError } from './errors.ts';
import { refused, type SignedAnswer, signedPost } from './signed.ts';

type Address = Pick<Env, 'region' | 'conductor' | 'credentials'>;

/** What Step Functions says of a token that nobody waits with any more. */
const STALE = ['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'];
const describedSchema = z.object({ status: z.string() });

/**
 * Executions of the state machine `env.conductor`, each called run and generation: a name cannot be
 * used twice, so starting it twice is starting it once. `endpoint` is for tests; in AWS the regional
 * address is used. All reject with StoreError: STORE-ENV without state machine or credentials,
 * STORE-ANSWER when Step Functions refuses or does not answer.
 */
export function awsExecutions(
  env: Address,
  endpoint = `https://states.${env.region}.amazonaws.com`,
): Executions {
  const ask = async (operation: string, input: object): Promise<SignedAnswer> => {
    const { region, credentials } = env;
    if (credentials === undefined) throw unset(operation);
    return signedPost(
      credentials,
      region,
    )({
      service: 'states',
      url: endpoint,
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AWSStepFunctions.${operation}`,
      },
      body: JSON.stringify(input),
    });
  };
  const machine = (operation: string): string => {
    if (env.conductor === undefined) throw unset(operation);
    return env.conductor;
  };
  return {
    start: async (run, n) => {
      const answer = await ask('StartExecution', {
        stateMachineArn: machine('StartExecution'),
        name: nameOf(run, n),
        input: JSON.stringify({ run, n }),
      });
      if (answer.status < 300 || answer.body.includes('ExecutionAlreadyExists')) return;
      throw refused('Step Functions', answer);
    },
    standing: async (run, n) => {
      const arn = machine('DescribeExecution').replace(':stateMachine:', ':execution:');
      const executionArn = `${arn}:${nameOf(run, n)}`;
      const answer = await ask('DescribeExecution', { executionArn });
      if (answer.body.includes('ExecutionDoesNotExist')) return 'absent';
      if (answer.status >= 300) throw refused('Step Functions', answer);
      const { status } = describedSchema.parse(JSON.parse(answer.body));
      return status === 'RUNNING' || status === 'PENDING_REDRIVE' ? 'running' : 'over';
    },
    signal: async (taskToken) => {
      const answer = await ask('SendTaskSuccess', { taskToken, output: '{}' });
      if (answer.status < 300) return true;
      if (STALE.some((code) => answer.body.includes(code))) return false;
      throw refused('Step Functions', answer);
    },
  };
}

const nameOf = (run: string, n: number): string => `${run}-${n}`;

function unset(operation: string): StoreError {
  return new StoreError('STORE-ENV', {
    what: `Step Functions cannot be asked to ${operation}.`,
    why: 'DRILLBOOK_CONDUCTOR or the credentials of the function are not set.',
  });
}
