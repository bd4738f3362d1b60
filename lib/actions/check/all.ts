/** `check/all`: measures that the service works on the copies; passed only when all were. */
import * as z from 'zod';
import { type CheckSpec, checkSchema } from '../../config.ts';
import { novaPaths } from '../../openstack/paths.ts';
import { serversSchema } from '../../openstack/schema.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Action, Check, Judgement, Reader, Reading, StepView } from '../action.ts';
import { onCloud, type Seen, see } from '../reads.ts';
import {
  type BoundSite,
  boundSite,
  type ReplicationSample,
  sampleReplication,
} from '../replicas.ts';
import { makesServer, serverName } from '../servers/made.ts';
import { withKey } from '../servers/seen.ts';
import { compareAnswers, type Measured } from './compare.ts';

const input = z.strictObject({
  checks: z.array(checkSchema).min(1),
  /** Where it is measured from; the site that services are copied to when left out. */
  site: z.string().optional(),
});
type Input = z.infer<typeof input>;

interface Observed {
  readonly checks: readonly Check[];
  /** Undefined for a plan that gives the primary site up: there is no replication to look at. */
  readonly replication: ReplicationSample | undefined;
}

export const checkAll: Action<Input, Observed> = {
  name: 'check/all',
  input,
  title: { ko: '서비스 점검', en: 'Measured checks of the service' },
  withinMs: 15 * 60_000,
  pollMs: 5_000,
  facts: [],
  preexisting: 'accept',
  repeatable: true,
  plan: () => [],
  observe: async (view, { checks, site = view.plan.sites[1] ?? '' }, read) => {
    const place: Measuring = { view, read, site: boundSite(boundOf(view.plan.facts), site) };
    const { replication: bound } = boundOf(view.plan.facts);
    // One site of an active-active service may go on alone: gad/assert judges that.
    const isMirrored = bound !== undefined && bound.type !== 'GAD';
    const [measurements, replication] = await Promise.all([
      Promise.all(checks.map((check) => measure(check, place))),
      isMirrored ? sampleReplication(read, view.plan) : undefined,
    ]);
    return { checks: measurements, replication };
  },
  judge: ({ checks, replication }, _input, view) => judged(checks, replication, view),
};

function judged(
  checks: readonly Check[],
  replication: ReplicationSample | undefined,
  view: StepView,
): Judgement {
  const failed = checks.filter((check) => check.verdict === 'failed');
  const reading = {
    passed: checks.length - failed.length,
    failed: failed.map((check) => check.check),
    replication: [...(replication?.states ?? [])],
  };
  const verdict = (state: 'done' | 'pending' | 'refuse', reason?: string): Judgement => ({
    checks,
    verdicts: { [view.step.id]: { state, reading, ...(reason === undefined ? {} : { reason }) } },
  });
  if (replication?.suspended === true) {
    return verdict('refuse', `Replication is suspended: ${replication.states.join('; ')}.`);
  }
  if (failed.length === 0) return verdict('done');
  const words = failed.map((check) => `${check.check}: ${check.actual}`);
  return verdict('pending', `Not yet: ${words.join('; ')}`);
}

interface Measuring {
  readonly view: StepView;
  readonly read: Reader;
  readonly site: BoundSite;
}

async function measure(check: CheckSpec, at: Measuring): Promise<Check> {
  const { expected, actual, passed } = await measured(check, at);
  const verdict = passed ? 'passed' : 'failed';
  return { check: check.id, kind: check.kind, expected, actual, verdict };
}

async function measured(check: CheckSpec, { view, read, site }: Measuring): Promise<Measured> {
  const probe = (url: string): Promise<Reading> => read(site.id, 'probe', url);
  switch (check.kind) {
    case 'server-active': {
      const seen = await see(read, onCloud(site, 'nova', novaPaths.servers), serversSchema);
      const status = statusOf(check.server, { view, site: site.id, seen });
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

interface Known {
  readonly view: StepView;
  readonly site: string;
  readonly seen: Seen<z.infer<typeof serversSchema>>;
}

/** Only a server that this run made or found counts, whatever another one is called. */
function statusOf(name: string, { view, site, seen }: Known): string {
  if (!seen.ok) return seen.why;
  const call = view.plan.calls.find((one) => makesServer(one) && serverName(one) === name);
  if (call?.creates === undefined) {
    const { servers, survivor } = boundOf(view.plan.facts);
    const left = survivor?.site === site ? survivor.servers : [];
    const known = [...(servers?.[site] ?? []), ...left].find((one) => one.name === name);
    if (known === undefined) return 'this run starts no such server';
    return seen.value.servers.find(({ id }) => id === known.id)?.status ?? 'not there';
  }
  const [server] = withKey(seen.value.servers, call.creates.key);
  return server?.status ?? 'not there';
}
