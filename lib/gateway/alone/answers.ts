/**
 * What people type at a gateway that stands alone. Everybody proves who they are with their own key;
 * what they say goes the way of every order, through the inbox into the journal.
 */
import { signStatement } from '../../approval/statement.ts';
import type { Ask } from '../../run/inbox.ts';
import { GatewayError } from '../errors.ts';
import { enrolledAs, readKeyFile } from '../key-file.ts';
import type { SignedStatement, Statement } from '../protocol.ts';
import type { Plane } from './plane.ts';

/** Somebody whose key was shown: the id of the key in trust.yml, and its private half. */
export interface Signer {
  readonly person: string;
  readonly key: string;
  readonly privateKey: string;
}

export interface Typed {
  readonly verb: string;
  readonly step: string | undefined;
  readonly person: string;
  readonly keyFile: string;
  readonly text: string;
}

export const HOW_TO_ANSWER = [
  'approve by <person> with <key file>',
  'confirm <step> by <person> with <key file>: <text>     (also: performed, witnessed)',
  'retry [<step>] by <person> with <key file>: <reason>   (also: skip, confirm-skip)',
  'declare by <person> with <key file>: <time> <text>',
  'abort by <person> with <key file>: <reason>            (also: undo, pause, resume, note)',
].join('\n');

const LINE =
  /^(?<verb>[a-z-]+)(?: (?<step>[a-z0-9-]+))? by (?<person>[a-z0-9-]+) with (?<file>[^:]+?)(?:: *(?<text>.*))?$/;

/** undefined when the line is not of this form. */
export function parseTyped(line: string): Typed | undefined {
  const found = LINE.exec(line.trim())?.groups;
  const { verb, step, person, file, text = '' } = found ?? {};
  if (verb === undefined || person === undefined || file === undefined) return undefined;
  return { verb, step, person, keyFile: file.trim(), text };
}

/**
 * Rejects with GW-KEY-FILE, or GW-ALONE-PEOPLE when the key is not this person's in trust.yml.
 * `passphrase` is asked for a file that is locked.
 */
export async function signerOf(
  { trust }: Pick<Plane, 'trust'>,
  { person, keyFile }: Typed,
  passphrase: (question: string) => Promise<string>,
): Promise<Signer> {
  const isLocked = (error: GatewayError) => error.why.includes('locked');
  const own = await readKeyFile(keyFile).catch(async (error: unknown) => {
    if (!(error instanceof GatewayError) || !isLocked(error)) throw error;
    return readKeyFile(keyFile, await passphrase(`passphrase of ${keyFile}: `));
  });
  const key = enrolledAs(own, trust().people.find(({ id }) => id === person)?.keys ?? []);
  if (key !== undefined) return { person, key: key.id, privateKey: own.privateKey };
  const why = `trust.yml does not have the key in ${keyFile} as one of ${person}.`;
  throw new GatewayError('GW-ALONE-PEOPLE', 'This key does not count.', { why });
}

export function signAs(
  { engine }: Pick<Plane, 'engine'>,
  offer: Omit<Statement, 'person' | 'nonce'>,
  { person, key, privateKey }: Signer,
): SignedStatement {
  const statement = { ...offer, person, nonce: engine.random(16) };
  return signStatement(statement, { keyId: key, privateKey });
}

/** The order that was typed; undefined for a word that is none. */
export function askOf({ verb, step = '', text }: Typed): Ask | undefined {
  const reason = text;
  switch (verb) {
    case 'confirm':
      return { verb: 'answer', step, part: 'confirmed', text };
    case 'performed':
    case 'witnessed':
      return { verb: 'answer', step, part: verb, text };
    case 'retry':
      return { verb, reason, ...(step === '' ? {} : { step }) };
    case 'skip':
    case 'decline-skip':
      return { verb, step, reason };
    case 'confirm-skip':
      return { verb, step };
    case 'undo':
      return { verb: 'abort', reason, mode: 'undo' };
    case 'abort':
    case 'pause':
    case 'resume':
      return { verb, reason };
    case 'note':
    case 'declare':
      return { verb, text };
    default:
      return undefined;
  }
}

/** Puts an order into the run's inbox, once. */
export async function putAsk(plane: Plane, run: string, order: { ask: Ask; person: string }) {
  const { engine } = plane;
  const { ask, person } = order;
  await engine.store.putInbox({
    ...{ run, person, at: engine.clock.now(), delivery: `alone-${engine.random(12)}` },
    body: JSON.stringify({ v: 1, origin: { via: 'cli' }, ask }),
  });
}
