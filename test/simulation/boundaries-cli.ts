/** `npm run simulate -- --boundaries <runbook>`: a run is killed wherever it makes a difference. */
import { parseArgs } from 'node:util';
import { courses, sides, struck, uninterrupted } from './boundaries.ts';
import { playCourse } from './boundaries-play.ts';

const HELP = `npm run simulate -- --boundaries <runbook>      ${Object.keys(courses).join(', ')}

  --part <i>/<n>  only this share of the states, for several processes (1/1)
  --states <n>    only so many, spread over the run (all)
  --equal <n>     kills counted as equal to one of these that are played as well (5)
  --draw <text>   which of them, by chance (1)
  --at <n>        only both sides of this boundary, with everything that happened

Exit code 1 when a kill did not end as the run without it.`;

type Say = (text: string) => void;

export async function boundaries(say: Say): Promise<number> {
  const { values } = parseArgs({
    options: {
      boundaries: { type: 'string', default: '' },
      part: { type: 'string', default: '1/1' },
      states: { type: 'string' },
      equal: { type: 'string', default: '5' },
      draw: { type: 'string', default: '1' },
      at: { type: 'string' },
    },
  });
  const name = values.boundaries;
  const course = courses[name];
  const part = /^([1-9]\d*)\/([1-9]\d*)$/.exec(values.part)?.slice(1).map(Number);
  const [which = 0, of = 0] = part ?? [];
  if (course === undefined || which < 1 || which > of) {
    say(HELP);
    return 2;
  }
  if (values.at !== undefined) return playAt(name, Number(values.at), say);
  const { bad, ...counts } = await playCourse(course, {
    ...(values.states === undefined ? {} : { states: Number(values.states) }),
    part: [which, of],
    equal: Number(values.equal),
    seed: values.draw,
    progress: (text) => say(`${name} ${values.part}: ${text}`),
  });
  for (const text of bad) say(`  ${text}`);
  if (bad.length > 0) say(`  replay: npm run simulate -- --boundaries ${name} --at <number>`);
  const share = of === 1 ? '' : ` (part ${values.part})`;
  say(
    `${name}: ${counts.boundaries} boundaries, both sides: ${counts.states} distinct states, ` +
      `${counts.played} played${share} and ${counts.equal} counted as equal to these; ` +
      `${bad.length === 0 ? 'all end as if nothing had been' : `${bad.length} things differ`}`,
  );
  return bad.length === 0 ? 0 : 1;
}

async function playAt(name: string, index: number, say: Say): Promise<number> {
  const course = courses[name];
  if (course === undefined) return 2;
  const whole = await uninterrupted(course);
  const boundary = whole.boundaries[index];
  if (boundary === undefined) {
    say(`${name} has ${whole.boundaries.length} boundaries, the first is 0`);
    return 2;
  }
  let same = true;
  for (const side of sides) {
    const { trace, result, effects, violations } = await struck(course, { boundary, side });
    say([...trace, `${side}: ${result}`, ...violations, ''].join('\n'));
    same &&= result === whole.result && violations.length === 0;
    same &&= String(effects) === String(whole.effects);
  }
  return same ? 0 : 1;
}
