/** What people order over the command line, past Slack: it is heard whatever Slack shows. */
import { canonical } from '../../lib/canonical.ts';
import type { Ask, InboxBody } from '../../lib/run/inbox.ts';
import type { Bank } from './bank.ts';

let deliveries = 0;

/** Lies in the inbox of the run when this returns; the engine has not read it yet. */
export async function order(bank: Bank, run: string, handle: string, ask: Ask): Promise<void> {
  const person = bank.config.people.find((one) => one.handle === handle);
  if (person === undefined) throw new Error(`nobody is called ${handle}`);
  const body: InboxBody = { v: 1, origin: { via: 'cli' }, ask };
  deliveries += 1;
  await bank.store.putInbox({
    run,
    delivery: `cli:order ${deliveries}`,
    at: bank.clock.now(),
    person: person.id,
    body: canonical(body),
  });
}
