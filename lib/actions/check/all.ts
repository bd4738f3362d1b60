/** `check/all`: measures that the service works on the copies; passed only when all were. */
import * as z from 'zod';
import { type CheckSpec, checkSchema } from '../../config.ts';
import { novaPaths } from '../../openstack/paths.ts';
import { serversSchema } from '../../openstack/schema.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Action, Check, Judgement, Reader, Reading, StepView } from '../action.ts';
import { onCloud, type Seen, see } from '../reads.ts';
import {
  boundSite,
  type ReplicationSample,
  replicationOf,
  sampleReplication,
} from '../replicas.ts';
import { makesServer, serverName } from '../servers/made.ts';
import { withKey } from '../servers/seen.ts';
import { compareAnswers, type Measured } from './compare.ts';

const input = z.strictObject({ checks: z.array(checkSchema).min(1) });
type Input = z.infer<typeof input>;

interface Observed {
  readonly checks: readonly Check[];
  readonly replication: ReplicationSample;
}

export const checkAll: Action<Input, Observed> = {
  name: 'check/all',
  input,
  title: { ko: '서비스 점검', en: 'Measured checks of the service' },
  withinMs: 15 * 60_000,
  pollMs: 5_000,
  facts: ['replication'],
  preexisting: 'accept',
  repeatable: true,
  plan: () => [],
  observe: async (view, { checks }, read) => ({
    checks: await Promise.all(checks.map((check) => measure(check, view, read))),
    replication: await sampleReplication(read, view.plan),
  }),
  judge: ({ checks, replication }, _input, view) => judged(checks, replication, view),
};

function judged(
  checks: readonly Check[],
  replication: ReplicationSample,
  view: StepView,
): Judgement {
  const failed = checks.filter((check) => check.verdict === 'failed');
  const reading = {
    passed: checks.length - failed.length,
    failed: failed.map((check) => check.check),
    replication: [...replication.states],
  };
  const verdict = (state: 'done' | 'pending' | 'refuse', reason?: string): Judgement => ({
    checks,
    verdicts: { [view.step.id]: { state, reading, ...(reason === undefined ? {} : { reason }) } },
  });
  if (replication.suspended) {
    return verdict('refuse', `Replication is suspended: ${replication.states.join('; ')}.`);
  }
  if (failed.length === 0) return verdict('done');
  const words = failed.map((check) => `${check.check}: ${check.actual}`);
  return verdict('pending', `Not yet: ${words.join('; ')}`);
}

async function measure(check: CheckSpec, view: StepView, read: Reader): Promise<Check> {
  const { expected, actual, passed } = await measured(check, view, read);
  const verdict = passed ? 'passed' : 'failed';
  return { check: check.id, kind: check.kind, expected, actual, verdict };
}

async function measured(check: CheckSpec, view: StepView, read: Reader): Promise<Measured> {
  const site = boundSite(boundOf(view.plan.facts), replicationOf(view.plan.facts).secondary.site);
  const probe = (url: string): Promise<Reading> => read(site.id, 'probe', url);
  switch (check.kind) {
    case 'server-active': {
      const status = await statusOf(check.server, view, {
        seen: await see(read, onCloud(site, 'nova', novaPaths.servers), serversSchema),
      });
      return { expected: 'ACTIVE', actual: status, passed: status === 'ACTIVE' };
    }
    case 'http': {
      const answer = await probe(check.url);
      const actual = answer.ok ? String(answer.status) : `no answer: ${answer.why}`;
      return { expected: String(check.status), actual, passed: actual === String(check.status) };
    }
    case 'http-json': {
      const answers = await Promise.all(check.urls.map(probe));
      return compareAnswers(check, answers);
    }
  }
}

/** Only a server that this run made counts, whatever another one is called. */
async function statusOf(
  name: string,
  view: StepView,
  { seen }: { seen: Seen<z.infer<typeof serversSchema>> },
): Promise<string> {
  if (!seen.ok) return seen.why;
  const call = view.plan.calls.find((one) => makesServer(one) && serverName(one) === name);
  if (call?.creates === undefined) return 'this run starts no such server';
  const [server] = withKey(seen.value.servers, call.creates.key);
  return server?.status ?? 'not there';
}
