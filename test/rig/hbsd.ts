/** Hitachi's own Cinder driver on the simulated arrays; `test/rig/hbsd` prepares and starts this. */
import { readFileSync } from 'node:fs';
import { fiftyAtOnce, lifeOfVolumes } from './hbsd-life.ts';
import { outage } from './hbsd-outage.ts';
import { createReport } from './hbsd-report.ts';
import { openStage } from './hbsd-stage.ts';
import { conditions } from './hbsd-twins.ts';

const [facts = ''] = process.argv.slice(2);
const stage = await openStage(JSON.parse(readFileSync(facts, 'utf8')));
const report = createReport((line) => void process.stdout.write(`${line}\n`));

for (const { cloud } of [stage.main, stage.dr]) await cloud.clearUp();
for (const { log } of [stage.main, stage.dr]) log.forget();
report.heading('The life of a volume');
await lifeOfVolumes(report, stage.dr);
await fiftyAtOnce(report, stage.dr);
report.heading('An outage of the array');
await outage(report, stage, stage.dr);
report.heading('Volumes of a Cinder in pairs');
await conditions(report, stage);
process.exitCode = report.sum() ? 0 : 1;
