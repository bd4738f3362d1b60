/**
 * `npm run dr -- approve --key`: an approval signed on the approver's own machine. What is signed is
 * shown first, with the word code that the gateways show too; the key never leaves this process.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { confirmationOf, isConfirmed } from '../approval/confirmation.ts';
import { type Offer, signStatement } from '../approval/statement.ts';
import { wordsFor } from '../approval/words.ts';
import { iso } from '../clock.ts';
import { enrolledAs, readKeyFile } from '../gateway/key-file.ts';
import type { SignedStatement } from '../gateway/protocol.ts';
import { loadConfig } from '../load-config.ts';
import { systemRandom } from '../random.ts';
import type { Head } from '../run/head.ts';
import { LocalError } from './folder.ts';

export interface Approving {
  readonly state: string;
  readonly as: string;
  readonly key: string;
  readonly passphraseFile?: string | undefined;
  /** Typed beforehand, for scripts. */
  readonly confirm?: string | undefined;
  /** The run named; else the only one that waits. */
  readonly run?: string | undefined;
  readonly heads: readonly Head[];
  readonly say: (line: string) => void;
  readonly ask: (question: string) => Promise<string>;
}

/** Throws LOCAL-USAGE, LOCAL-CONFIRM, LOCAL-WORDS or GW-KEY-FILE; nothing is signed then. */
export async function signApproval(how: Approving): Promise<SignedStatement> {
  const { head, offer } = waitingRun(how);
  const { people } = await loadConfig(join(how.state, 'config'));
  const person = people.find(({ handle }) => handle === how.as);
  const passphrase =
    how.passphraseFile === undefined
      ? undefined
      : (await readFile(how.passphraseFile, 'utf8')).trim();
  const own = await readKeyFile(how.key, passphrase);
  const key = enrolledAs(own, person?.keys ?? []);
  if (person === undefined || key === undefined) {
    const why = 'people.yml does not have it under this handle.';
    throw new LocalError('LOCAL-USAGE', `${how.key} is no key of ${how.as}.`, { why });
  }
  show(head, offer, how.say);
  const wanted = confirmationOf(offer.class, head.service.id);
  if (wanted.accepted.length > 0) {
    how.say(`To sign, type: ${wanted.accepted.join('   or   ')}`);
    const typed = how.confirm ?? (await how.ask('> '));
    if (!isConfirmed(wanted, typed)) throw new LocalError('LOCAL-CONFIRM', 'Nothing was signed.');
  }
  const statement = { ...offer, person: person.id, nonce: systemRandom(16) };
  return signStatement(statement, { keyId: key.id, privateKey: own.privateKey });
}

function waitingRun({ run, heads }: Approving): { head: Head; offer: Offer } {
  const waiting = heads.filter((head) => head.approval?.statement !== undefined);
  const named = run === undefined ? waiting : waiting.filter((head) => head.run === run);
  const [head] = named;
  const offer = head?.approval?.statement;
  if (head !== undefined && offer !== undefined && named.length === 1) {
    const { step: _step, wave: _wave, ...rest } = offer;
    return { head, offer: rest };
  }
  const why = `Waiting are ${waiting.map((one) => one.run).join(', ') || 'none'}.`;
  throw new LocalError('LOCAL-USAGE', 'Name one run that waits for approval.', { why });
}

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
  say(`word code: ${code.en} / ${code.ko}`);
  say(`Compare it with the approval message, or at a gateway: gateway words <folder> ${run}`);
}
