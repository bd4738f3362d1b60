/**
 * `npm run dr -- approve --key`: an approval signed on the approver's own machine. What is signed is
 * shown first, with the word code that the gateways show too; the key never leaves this process.
 */
import { confirmationOf } from '../approval/confirmation.ts';
import { type Offer, signStatement } from '../approval/statement.ts';
import { wordsFor } from '../approval/words.ts';
import { iso } from '../clock.ts';
import type { SignedStatement } from '../gateway/protocol.ts';
import { systemRandom } from '../random.ts';
import type { Head } from '../run/head.ts';
import { LocalError } from './folder.ts';
import { confirmed, ownKey, type Signing } from './sign.ts';

export interface Approving extends Signing {
  /** The run named; else the only one that waits. */
  readonly run?: string | undefined;
}

/** Throws LOCAL-USAGE, LOCAL-CONFIRM, LOCAL-WORDS or GW-KEY-FILE; nothing is signed then. */
export async function signApproval(how: Approving): Promise<SignedStatement> {
  const { head, offer } = waitingRun(how);
  const { person, key, privateKey } = await ownKey(how);
  show(head, offer, how.say);
  await confirmed(confirmationOf(offer.class, head.service.id, head.stake), how);
  const statement = { ...offer, person, nonce: systemRandom(16) };
  return signStatement(statement, { keyId: key, privateKey });
}

function waitingRun({ run, heads }: Approving): { head: Head; offer: Offer } {
  const waiting = heads.filter((head) => head.approval?.statement !== undefined);
  const named = run === undefined ? waiting : waiting.filter((head) => head.run === run);
  const [head] = named;
  const offer = head?.approval?.statement;
  if (head !== undefined && offer !== undefined && named.length === 1) {
    const { step: _step, ...rest } = offer;
    return { head, offer: rest };
  }
  const why = `Waiting are ${waiting.map((one) => one.run).join(', ') || 'none'}.`;
  throw new LocalError('LOCAL-USAGE', 'Name one run that waits for approval.', { why });
}

const CUT_KO = '전체 복사 없이는 되돌아갈 수 없음';
const OLD_KO = '데이터가 오래되고 불완전할 수 있음';
const red = (text: string): string => `\u001b[1;31m${text}\u001b[0m`;

/** The words are computed here, from what will be signed; a gateway that says others stops it. */
function show(head: Head, offer: Offer, say: (line: string) => void): void {
  const { run, planHash, factsHash, gateways } = offer;
  const code = wordsFor({ run, planHash, factsHash, class: offer.class, gateways });
  const other = head.approval?.words?.find(({ ko, en }) => en !== code.en || ko !== code.ko);
  if (other !== undefined) {
    const why = `Here "${code.en}", at ${other.site} "${other.en}".`;
    throw new LocalError('LOCAL-WORDS', 'The word codes differ: nothing was signed.', { why });
  }
  say(`${head.runbook.title.en} / ${head.runbook.title.ko}: ${head.service.name.en}, run ${run}`);
  say(
    `class ${offer.class}; sites ${gateways.join(', ')}; as ${offer.role}; until ${iso(offer.notAfter)}`,
  );
  say(`plan ${planHash}`);
  if (head.stake === 'cut') say(red(`THERE IS NO WAY BACK BUT A FULL COPY / ${CUT_KO}`));
  if (head.stake === 'old') say(red(`THE DATA MAY BE OLD AND INCOMPLETE / ${OLD_KO}`));
  say(`word code: ${code.en} / ${code.ko}`);
  say(`Compare it with the approval message, or at a gateway: gateway words <folder> ${run}`);
}
