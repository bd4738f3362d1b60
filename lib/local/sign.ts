/** What signing at one's own machine has in common: whose key it is, and that it is meant. */
import { readFile } from 'node:fs/promises';
import { type Confirmation, isConfirmed } from '../approval/confirmation.ts';
import { enrolledAs, readKeyFile } from '../gateway/key-file.ts';
import { loadConfig } from '../load-config.ts';
import type { Head } from '../run/head.ts';
import { LocalError } from './folder.ts';

export interface Signing {
  /** Folder of people.yml. */
  readonly config: string;
  readonly as: string;
  readonly key: string;
  readonly passphraseFile?: string | undefined;
  /** Typed beforehand, for scripts. */
  readonly confirm?: string | undefined;
  readonly heads: readonly Head[];
  readonly say: (line: string) => void;
  readonly ask: (question: string) => Promise<string>;
}

/** The key as people.yml has it, and its private half (PEM). Throws LOCAL-USAGE or GW-KEY-FILE. */
export async function ownKey({
  config,
  as,
  key: file,
  passphraseFile,
}: Pick<Signing, 'config' | 'as' | 'key' | 'passphraseFile'>): Promise<{
  readonly person: string;
  readonly key: string;
  readonly privateKey: string;
}> {
  const { people } = await loadConfig(config);
  const person = people.find(({ handle }) => handle === as);
  const passphrase =
    passphraseFile === undefined ? undefined : (await readFile(passphraseFile, 'utf8')).trim();
  const own = await readKeyFile(file, passphrase);
  const key = enrolledAs(own, person?.keys ?? []);
  if (person !== undefined && key !== undefined) {
    return { person: person.id, key: key.id, privateKey: own.privateKey };
  }
  const why = 'people.yml does not have it under this handle.';
  throw new LocalError('LOCAL-USAGE', `${file} is no key of ${as}.`, { why });
}

/** Asks for the words unless none are wanted. Throws LOCAL-CONFIRM. */
export async function confirmed(
  wanted: Confirmation,
  { say, ask, confirm }: Pick<Signing, 'say' | 'ask' | 'confirm'>,
): Promise<void> {
  if (wanted.accepted.length === 0) return;
  say(`To sign, type: ${wanted.accepted.join('   or   ')}`);
  const typed = confirm ?? (await ask('> '));
  if (!isConfirmed(wanted, typed)) throw new LocalError('LOCAL-CONFIRM', 'Nothing was signed.');
}
