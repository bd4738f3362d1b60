/** Services that a takeover left without a copy elsewhere, in words, until they are protected again. */
import { protectionMark } from '../actions/replication/protection.ts';
import { MARKS, parseMark } from '../run/mark-notes.ts';
import type { DoorConfig } from './door-config.ts';
import { when } from './format.ts';
import { type Language, markup, say } from './texts.ts';
import type { DoorStore } from './visit.ts';

/** One line for each; none for a service that is protected. */
export async function unprotectedLines(
  store: Pick<DoorStore, 'note'>,
  services: DoorConfig['services'],
  language: Language,
): Promise<string[]> {
  const lines = services.map(async ({ name, group }) => {
    if (group === undefined) return [];
    const mark = parseMark(await store.note(MARKS, protectionMark(group)));
    if (mark === undefined) return [];
    const values = { service: name[language], since: markup(when(mark.at)), run: mark.run };
    return [say(language, 'status.unprotected', values)];
  });
  return (await Promise.all(lines)).flat();
}
