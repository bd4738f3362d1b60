/** One contract, two mailboxes: messages whole and in order, first answers, nonces once. */
import { type LocalDatabase, startDynalite } from '../../lib/store/dynalite.ts';
import { dynamoMailbox } from '../../lib/store/mailbox.ts';
import { memoryMailbox } from '../../lib/store/memory.ts';
import type { Mailbox } from '../../lib/store/store.ts';

let database: LocalDatabase;
beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());

const mailboxes: [string, () => Mailbox][] = [
  ['memory', memoryMailbox],
  ['dynamo', () => dynamoMailbox(database.address)],
];
const AT = 1_795_000_000_000;
const idAt = (at: number, chance = '0123456789abcdef') =>
  `${String(at).padStart(14, '0')}-${chance}`;

describe.each(mailboxes)('%s', (name, open) => {
  test('messages come whole, in order, for their site, and only since then', async () => {
    const box = open();
    // Of several parts, cut in the middle of Korean letters.
    const large = '원장'.repeat(200_000);
    await box.putMail('dr', { id: idAt(AT + 2), text: large });
    await box.putMail('dr', { id: idAt(AT + 1), text: 'first' });
    await box.putMail('dr', { id: idAt(AT - 1), text: 'old' });
    await box.putMail('main', { id: idAt(AT + 1), text: 'of the other site' });
    const mails = await box.mail('dr', AT);
    expect(mails.map(({ id }) => id)).toEqual([idAt(AT + 1), idAt(AT + 2)]);
    expect(mails[0]?.text).toBe('first');
    expect(mails[1]?.text === large).toBe(true);
    expect(await box.mail('nowhere', 0)).toEqual([]);
  });

  test('the first of many answers stays', async () => {
    const box = open();
    const id = idAt(AT, 'feedfeedfeedfeed');
    expect(await box.answer('dr', id)).toBeUndefined();
    const stored = await Promise.all(
      Array.from({ length: 8 }, (_, i) => box.putAnswer('dr', { id, text: `answer ${i}` })),
    );
    expect(stored.filter((won) => won)).toHaveLength(1);
    expect(await box.answer('dr', id)).toBe(`answer ${stored.indexOf(true)}`);
    expect(await box.answer('main', id)).toBeUndefined();
  });

  test('a nonce is new once for each site', async () => {
    const box = open();
    const shown = `${name}-nonce`;
    const seen = await Promise.all(Array.from({ length: 8 }, () => box.firstSeen('dr', shown, AT)));
    expect(seen.filter((isNew) => isNew)).toHaveLength(1);
    expect(await box.firstSeen('main', shown, AT)).toBe(true);
  });
});
