import { faultTable, type FaultTarget } from '../../lib/twin/faults/table.ts';
import { play } from './play.ts';
import { appendFileSync } from 'node:fs';
process.chdir('/work/main');
const usual: Record<string, Partial<Record<FaultTarget, any>>> = {
  switchover: { service: { at: 'step.started drain' }, array: { at: 'step.started swap', site: 'dr' }, link: { at: 'step.started drain' }, site: { at: 'step.started swap', site: 'main' }, cloud: { at: 'step.started boot', site: 'dr' }, door: { at: 'step.started swap', site: 'dr' }, gateway: { at: 'intent swap', site: 'dr' } },
  failback: { service: { at: 'step.started drain' }, array: { at: 'step.started swap', site: 'main' }, link: { at: 'step.started drain' }, site: { at: 'step.started swap', site: 'dr' }, cloud: { at: 'step.started start', site: 'main' }, door: { at: 'step.started swap', site: 'main' }, gateway: { at: 'intent swap', site: 'main' } },
  failover: { service: { at: 'step.started takeover' }, array: { at: 'step.started takeover', site: 'dr' }, link: { at: 'step.started takeover' }, site: { at: 'step.started boot', site: 'dr' }, cloud: { at: 'step.started boot', site: 'dr' }, door: { at: 'step.started takeover', site: 'dr' }, gateway: { at: 'intent takeover', site: 'dr' } },
  takeover: { service: { at: 'start' }, array: { at: 'step.started takeover', site: 'dr' }, link: { at: 'start' }, site: { at: 'step.started takeover', site: 'dr' }, cloud: { at: 'step.started takeover', site: 'dr' }, door: { at: 'step.started takeover', site: 'dr' }, gateway: { at: 'intent takeover', site: 'dr' } },
  reprotect: { service: { at: 'start' }, array: { at: 'step.started reverse', site: 'dr' }, link: { at: 'step.started reverse' }, site: { at: 'step.started reverse', site: 'main' }, cloud: { at: 'step.started stop', site: 'main' }, door: { at: 'step.started reverse', site: 'dr' }, gateway: { at: 'intent reverse', site: 'dr' } },
  'drill-copy': { service: { at: 'step.started split' }, array: { at: 'step.started split', site: 'dr' }, link: { at: 'step.started split' }, site: { at: 'step.started boot', site: 'main' }, cloud: { at: 'step.started boot', site: 'dr' }, door: { at: 'step.started split', site: 'dr' }, gateway: { at: 'intent split', site: 'dr' } },
  'copies-resync': { service: { at: 'step.started resync' }, array: { at: 'step.started resync', site: 'dr' }, link: { at: 'start' }, site: { at: 'step.started resync', site: 'main' }, cloud: { at: 'start', site: 'dr' }, door: { at: 'step.started resync', site: 'dr' }, gateway: { at: 'intent resync', site: 'dr' } },
};
const once = ['answer-lost', 'request-lost'];
const more: Record<string, any> = { 'volume-added': { at: 'start' } };
const by: Record<string, any> = {
  'reprotect guests-return': { at: 'before', site: 'main' },
  'failover guests-return': { at: 'before', site: 'main' },
  'reprotect pairs-deleted': { at: 'start', lasts: true, mend: 'abort' },
  'reprotect second-group': { at: 'start', lasts: true, mend: 'abort' },
  'failover site-dead': { mend: 'retry' },
};
const skip: Record<string, RegExp> = {
  failover: /^(pairs-deleted|foreign-session|quorum-lost)$/,
  takeover: /^(pairs-deleted|foreign-session|quorum-lost|site-dead|site-cut|guests-return)$/,
  'copies-resync': /^(foreign-session|quorum-lost|guests-return|site-cut)$/,
  switchover: /^(guests-return|quorum-lost)$/, failback: /^(guests-return|quorum-lost)$/,
  'drill-copy': /^(guests-return|quorum-lost|foreign-session)$/, reprotect: /^(quorum-lost|resync-backwards|taken-over|partial-takeover|partial-group|pair-stuck)$/,
};
const noCloud = ['takeover', 'copies-resync'];
const freshIn: Record<string, RegExp> = { failover: /^(array-busy|array-dead|management-cut|error-html|error-bare|other-array|pair-added|pair-stuck|partial-group|group-shared|second-group|resync-backwards|door-.*|certificate-expired)$/, takeover: /./ };
const undo = ['boot-failing', 'backend-down'];
const fresh = ['job-failed', 'job-failed-at-once', 'lock-held'];

const [books, faults] = [process.argv[2]!.split(','), process.argv[3]?.split(',')];
for (const runbook of books) for (const { name, target } of faultTable) {
  if (skip[runbook]?.test(name) || (target === 'cloud' && noCloud.includes(runbook))) continue;
  if (faults && !faults.includes(name)) continue;
  let strike = { at: 'start', ...usual[runbook]![target] };
  if (once.includes(name)) strike = { ...strike, at: strike.at.replace('step.started', 'intent') };
  const [t0, c0] = [Date.now(), process.cpuUsage()];
  strike = { ...strike, ...more[name], ...by[`${runbook} ${name}`] };
  if (name === 'foreign-session') strike = { ...strike, site: strike.site === 'dr' ? 'main' : 'dr' };
  if (['backlog', 'link-down', 'link-slow'].includes(name) && ['switchover', 'failback'].includes(runbook)) strike = { ...strike, at: 'step.started stop' };
  const mend = undo.includes(name) ? 'undo' : fresh.includes(name) || freshIn[runbook]?.test(name) ? 'again' : 'retry';
  let row: any;
  try { row = await play({ runbook, fault: name, mend, harm: [], ...strike } as any); } catch (e) { row = { error: String((e as Error).stack).slice(0, 600) }; }
  const c = process.cpuUsage(c0);
  const line = JSON.stringify({ runbook, fault: name, mend, ...strike, ...row, ms: Date.now() - t0, cpu: Math.round((c.user + c.system) / 1000) });
  console.log(line); appendFileSync(process.env['OUT'] ?? '/tmp/probe.jsonl', line + '\n');
}
process.exit(0);
