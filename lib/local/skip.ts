/**
 * `npm run dr -- skip|confirm-skip --key`: a skip signed on one's own machine. The very words that are
 * signed are shown first; the key never leaves this process.
 */
import { type SkipVerb, shownOffer } from '../approval/skip.ts';
import { type Offer, signStatement } from '../approval/statement.ts';
import { wordsFor } from '../approval/words.ts';
import { canonical } from '../canonical.ts';
import { iso } from '../clock.ts';
import type { SignedStatement } from '../gateway/protocol.ts';
import { systemRandom } from '../random.ts';
import type { Head } from '../run/head.ts';
import { LocalError } from './folder.ts';
import { confirmed, ownKey, type Signing } from './sign.ts';

export interface Skipping extends Signing {
  readonly verb: SkipVerb;
  /** `[run] <step>`, as typed. */
  readonly words: readonly string[];
  /** Time of the house (ms). */
  readonly now: number;
}

/** Throws LOCAL-USAGE, LOCAL-CONFIRM or GW-KEY-FILE; nothing is signed then. */
export async function signSkip(how: Skipping): Promise<SignedStatement> {
  const { head, skipping, step } = runAndStep(how);
  const offer = shownOffer(skipping, { ...how, step: step.id });
  const { person, key, privateKey } = await ownKey(how);
  show(head, offer, how);
  await confirmed({ accepted: [step.id] }, how);
  const statement = { ...offer, person, nonce: systemRandom(16) };
  return signStatement(statement, { keyId: key, privateKey });
}

function runAndStep({ heads, words, verb }: Skipping): {
  readonly head: Head;
  readonly skipping: NonNullable<Head['skipping']>;
  readonly step: Head['steps'][number];
} {
  const signing = heads.filter(({ skipping }) => skipping !== undefined);
  const [run, named] = words.length > 1 ? words : [undefined, words[0]];
  const [head, another] = signing.filter((one) => run === undefined || one.run === run);
  if (head?.skipping === undefined || another !== undefined) {
    const open = signing.map((one) => one.run).join(', ') || 'none';
    const why = `Such runs are: ${open}. Others are skipped without --key.`;
    throw new LocalError('LOCAL-USAGE', 'Name one run whose steps are skipped by signature.', {
      why,
    });
  }
  const step = head.steps.find(({ id }) => id === named);
  if (step !== undefined) return { head, skipping: head.skipping, step };
  const why = `It has ${head.steps.map(({ id }) => id).join(', ')}.`;
  throw new LocalError('LOCAL-USAGE', `Name the step to ${verb}: ${named ?? ''}`.trim(), { why });
}

function show(head: Head, offer: Offer, { say, verb }: Skipping): void {
  const { run, planHash, factsHash, gateways, step } = offer;
  const code = wordsFor({ run, planHash, factsHash, class: offer.class, gateways });
  const wish = head.skips?.find((one) => one.step === step);
  say(`${head.runbook.title.en} / ${head.runbook.title.ko}: ${head.service.name.en}, run ${run}`);
  if (verb === 'confirm-skip' && wish !== undefined) say(`asked by ${wish.person}: ${wish.reason}`);
  say(`skip step ${step}: it is not done, and what comes after it may begin without it`);
  say(
    `class ${offer.class}; sites ${gateways.join(', ')}; as ${offer.role}; until ${iso(offer.notAfter)}`,
  );
  say(`word code of the plan: ${code.en} / ${code.ko}`);
  say(`what is signed, with your id and a nonce: ${canonical(offer)}`);
}
