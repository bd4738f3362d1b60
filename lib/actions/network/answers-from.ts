/**
 * `network/answers-from`: the service answers at this site, and no longer at another. Where the
 * answer itself says who gave it (`pointer`), that counts; else it counts which gateway gets one.
 */
import * as z from 'zod';
import { sitesAsked } from '../../runbook/plan.ts';
import type { Action, Reading } from '../action.ts';
import { valueAt } from '../check/compare.ts';

const input = z.strictObject({
  url: z.url(),
  site: z.string(),
  /** JSON pointer to the id of the site in the answer, for an address that both sites can reach. */
  pointer: z.string().startsWith('/').optional(),
});
type Input = z.infer<typeof input>;

interface Look {
  readonly at: string;
  readonly reading: Reading;
}

export const networkAnswersFrom: Action<Input, readonly Look[]> = {
  name: 'network/answers-from',
  input,
  title: { ko: '서비스가 응답하는 센터 확인', en: 'The service answers from the right site' },
  withinMs: 10 * 60_000,
  pollMs: 5_000,
  facts: [],
  preexisting: 'accept',
  repeatable: true,
  plan: () => [],
  observe: (view, { url, site, pointer }, read) => {
    // A site that the plan gives up is asked nothing.
    const others = pointer === undefined ? sitesAsked(view.plan).filter((one) => one !== site) : [];
    const looks = [site, ...others].map(
      async (at): Promise<Look> => ({ at, reading: await read(at, 'probe', url) }),
    );
    return Promise.all(looks);
  },
  judge: (looks, given, view) => {
    const faults = looks.flatMap((look) => faultOf(look, given) ?? []);
    const reading = Object.fromEntries(looks.map((look) => [look.at, told(look)]));
    const id = view.step.id;
    if (faults.length === 0) return { verdicts: { [id]: { state: 'done', reading } } };
    const reason = `Not yet: ${faults.join('; ')}.`;
    return { verdicts: { [id]: { state: 'pending', reason, reading } } };
  },
};

const told = ({ reading }: Look): string =>
  reading.ok ? `status ${reading.status}` : `no answer: ${reading.why}`;

const isWell = ({ reading }: Look): boolean =>
  reading.ok && reading.status >= 200 && reading.status < 300;

/** The gateway looked and heard nothing; any other silence is its own, and says nothing of the service. */
const SILENT = 'GW-TARGET-SILENT';

function faultOf(look: Look, { url, site, pointer }: Input): string | undefined {
  const { at, reading } = look;
  const where = `${url} seen from ${at}: ${told(look)}`;
  if (at !== site) {
    if (isWell(look)) return `it still answers at ${at}`;
    const isSilent = reading.ok || reading.why.startsWith(SILENT);
    return isSilent ? undefined : `whether it still answers at ${at} is not known, ${told(look)}`;
  }
  if (!reading.ok || !isWell(look)) return where;
  if (pointer === undefined) return undefined;
  const from = valueAt(reading.body, pointer);
  return from === site
    ? undefined
    : `the answer says ${JSON.stringify(from ?? null)} at ${pointer}`;
}
