/** Locks and epochs as tests look at them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventType, JournalEvent } from '../../lib/run/events.ts';
import type { Bank } from './bank.ts';

/** A failover that touches copies only, so that two clicks in Slack are enough for it. */
export const failoverRunbook = (): string => `runbook: takeover
title: { ko: 재해 전환 시험, en: Failover of a test }
drillType: real-disaster
replication: [UR]
approval: { people: 2, role: dr-approver, expires: 120m, runWithin: 8h }
steps:
  - id: resync
    uses: clone/resync
    title: { ko: 복제본 재동기화, en: Let the copies follow again }
    with: { group: "\${{ service.drill.group }}" }
`;

/** A drill that stands still between its split and its servers until somebody answers. */
export const lookingAfterSplit = (text: string): string =>
  text.replace(
    '  - id: isolated\n',
    `  - id: look
    uses: people/do
    title: { ko: 육안 확인, en: Have a look }
    with:
      role: dba
      instruction: { ko: 복제본을 확인하십시오., en: Look at the copies. }
      within: 60m
  - id: isolated
`,
  );

type EventOf<T extends EventType> = Extract<JournalEvent, { type: T }>;

export async function eventsOf<T extends EventType>(
  bank: Bank,
  run: string,
  type: T,
): Promise<EventOf<T>[]> {
  const events = await bank.events(run);
  return events.filter((event): event is EventOf<T> => event.type === type);
}

/** What a gateway has on its disk, in order. */
export function entriesAt(bank: Bank, site: string): Record<string, unknown>[] {
  const folder = join(bank.folder.gateway(site), 'disk');
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  const lines = names
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line).entry);
}

/** Calls of a run that its gateway accepted. */
export async function acceptedAt(bank: Bank, site: string, run: string) {
  const hashes = (await bank.events(run)).flatMap((event) =>
    event.type === 'plan.resolved' ? [event.data.planHash] : [],
  );
  return entriesAt(bank, site).filter(
    (entry) => entry.type === 'accepted' && hashes.includes(String(entry.planHash)),
  );
}
