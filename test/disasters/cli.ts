/** `npm run scenarios -- --disasters N`: seeds, each with what people did and how it came out. */
import { playSeed } from './play.ts';
import { told } from './story.ts';

interface Wish {
  readonly first: number;
  readonly count: number;
  readonly json: boolean;
}

/** Exit code: 1 when a seed broke a promise. */
export async function disasters(wish: Wish, say: (text: string) => void): Promise<number> {
  const bad: number[] = [];
  for (let seed = wish.first; seed < wish.first + wish.count; seed++) {
    const { story, course, harm, writing } = await playSeed(seed);
    if (harm.length > 0) bad.push(seed);
    if (wish.json) {
      say(JSON.stringify({ ...story, did: course, harm, writing }));
      continue;
    }
    say(`seed ${seed}  ${told(story)}\n    ${course.join(' > ')} > writes at ${writing.join()}`);
    for (const text of harm) say(`    BROKEN: ${text}`);
    if (harm.length > 0) say(`    replay: npm run scenarios -- --disasters 1 --seed ${seed}`);
  }
  if (!wish.json) {
    say(`${wish.count - bad.length} of ${wish.count} disasters came out right`);
    if (bad.length > 0) say(`seeds that did not: ${bad.join(', ')}`);
  }
  return bad.length === 0 ? 0 : 1;
}
