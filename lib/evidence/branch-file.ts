/**
 * A run as a plane that was cut off has it, in one file that can be carried: its journal, that
 * plane's ledger, and the texts the journal names. Signed with the key of the gateway it stood at.
 */
import { createPublicKey, verify } from 'node:crypto';
import * as z from 'zod';
import { canonical, sha256 } from '../canonical.ts';
import { signBytes } from '../ecdsa.ts';
import { EvidenceError } from './errors.ts';

const shape = {
  v: z.literal(1),
  kind: z.literal('branch'),
  site: z.string(),
  tenant: z.string(),
  run: z.string(),
  /** The whole journal of the run, then the whole ledger of that plane, line by line. */
  journal: z.array(z.string()).min(1),
  ledger: z.array(z.string()),
  /** What journal lines name by SHA-256, base64; and names of what that plane never had. */
  texts: z.array(z.base64()),
  absent: z.array(z.string()),
};
const branchSchema = z.strictObject({ ...shape, signature: z.string() });
export type Branch = z.infer<z.ZodObject<typeof shape, z.core.$strict>>;

/** One line of canonical JSON. `privateKey` is the gateway's, PEM. */
export function writeBranch(branch: Branch, privateKey: string): string {
  const signature = signBytes(Buffer.from(canonical(branch), 'utf8'), privateKey);
  return `${canonical({ ...branch, signature })}\n`;
}

/** `gatewayKeys` are public keys (PEM) by site. Throws EV-BRANCH for what no gateway of ours signed. */
export function readBranch(text: string, gatewayKeys: Readonly<Record<string, string>>): Branch {
  const { signature, ...branch } = parsed(text);
  const { run, site } = branch;
  const told = { what: `Journal of ${run} from ${site}.` };
  const key = gatewayKeys[site];
  if (key === undefined) throw new EvidenceError('EV-BRANCH', { ...told, why: 'No such site.' });
  const bytes = Buffer.from(canonical(branch), 'utf8');
  if (verify('sha256', bytes, createPublicKey(key), Buffer.from(signature, 'base64'))) {
    return branch;
  }
  throw new EvidenceError('EV-BRANCH', {
    ...told,
    why: `The gateway of ${site} did not sign it.`,
  });
}

function parsed(text: string): z.infer<typeof branchSchema> {
  try {
    return branchSchema.parse(JSON.parse(text));
  } catch (cause) {
    const why = 'It is not what `gateway export` writes.';
    throw new EvidenceError('EV-BRANCH', { what: `File ${sha256(text)}.`, why }, { cause });
  }
}
