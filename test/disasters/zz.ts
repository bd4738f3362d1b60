import { playSeed } from './play.ts';
import { told } from './story.ts';
import { appendFileSync } from 'node:fs';
const [a, b] = [Number(process.argv[2]), Number(process.argv[3])];
for (let seed = a; seed <= b; seed++) {
  const c0 = process.cpuUsage();
  let line = '';
  try { const o = await playSeed(seed); line = `${o.harm.length ? 'BAD ' : 'ok  '} ${seed} ${told(o.story)} | ${o.course.join(' > ')} | ${o.writing} ${o.harm.join('; ')}`; } catch (e) { line = `ERR ${seed} ${(e as Error).stack?.slice(0, 400)}`; }
  const c = process.cpuUsage(c0);
  line += ` cpu ${Math.round((c.user + c.system) / 1000)}`;
  console.log(line); appendFileSync('/tmp/dis.txt', line + '\n');
}
process.exit(0);
