/**
 * The mailbox in the one table. An item holds at most 400 KB, so a message lies in parts; it is there
 * when all of them are. Items carry `expires`, by which DynamoDB removes them.
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import * as keys from './keys.ts';
import type { Mail, Mailbox } from './store.ts';
import { modelOf, type StoreModel, type TableAddress } from './table.ts';

/** In base64 a third more: under the limit of an item with room for its keys. */
const PART_BYTES = 270 * 1024;
/** Long enough to look for what went wrong, short enough to be no archive (seconds). */
const KEPT_SECONDS = 86_400;
const partRecord = z.object({ sk: z.string(), json: z.string(), parts: z.number() });
type Part = z.infer<typeof partRecord>;

export function dynamoMailbox(address: TableAddress): Mailbox {
  const model = modelOf(address);
  const partsOf = async (key: keys.Key): Promise<Part[]> => {
    const query = model.query('pk').eq(key.pk).where('sk').beginsWith(key.sk).consistent();
    return (await query.all().exec()).map((one) => partRecord.parse(one));
  };
  return {
    putMail: async (site, mail) => {
      await putParts(model, mail, (part) => keys.mailKey(site, mail.id, part));
    },
    mail: async (site, since) => {
      const { pk, sk } = keys.mailSince(site, since);
      const query = model.query('pk').eq(pk).where('sk').ge(sk).consistent();
      const parts = (await query.all().exec()).map((one) => partRecord.parse(one));
      const byId = new Map<string, Part[]>();
      for (const part of parts) {
        const id = part.sk.slice(0, part.sk.lastIndexOf('#'));
        byId.set(id, [...(byId.get(id) ?? []), part]);
      }
      return [...byId].flatMap(([id, all]) => whole(id, all));
    },
    putAnswer: (site, mail) => putParts(model, mail, (part) => keys.answerKey(site, mail.id, part)),
    answer: async (site, id) => {
      const { pk } = keys.answerKey(site, id, 0);
      return whole(id, await partsOf({ pk, sk: `${id}#` }))[0]?.text;
    },
    firstSeen: (site, nonce, at) =>
      putIfAbsent(model, { ...keys.nonceKey(site, nonce), expires: expiry(at) }),
  };
}

/** A message of which a part is missing is not there yet. */
function whole(id: string, parts: readonly Part[]): Mail[] {
  if (parts.length === 0 || parts.length !== parts[0]?.parts) return [];
  const pieces = parts.map(({ json }) => Buffer.from(json, 'base64'));
  return [{ id, text: Buffer.concat(pieces).toString('utf8') }];
}

/** The first part decides whose message it is: a second one under this id is left out. */
async function putParts(
  model: StoreModel,
  { id, text }: Mail,
  keyOf: (part: number) => keys.Key,
): Promise<boolean> {
  const bytes = Buffer.from(text, 'utf8');
  const parts = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  const expires = expiry(Number(id.slice(0, 14)));
  for (let part = 0; part < parts; part++) {
    const piece = bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
    const item = { ...keyOf(part), json: piece.toString('base64'), parts, expires };
    if (!(await putIfAbsent(model, item))) return false;
  }
  return true;
}

/** DynamoDB counts in seconds. */
const expiry = (at: number): number => Math.ceil(at / 1000) + KEPT_SECONDS;

async function putIfAbsent(model: StoreModel, item: Record<string, unknown>): Promise<boolean> {
  try {
    await model.create(item);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
