/** `node .ci/bundles.mjs`, after a build: the Slack function stays small and quick, or this fails. */
import { functionsOf } from './functions.mjs';
import { measureAll, table } from './measure.mjs';

const MAX_BYTES = 400 * 1024;
const MAX_TIMES_BOLT = 3;

const measured = await measureAll(functionsOf());
process.stdout.write(table(measured));
const slack = measured.find(({ name }) => name === 'slack');
const times = slack.timesBolt;
const wrong = [];
if (slack.bytes >= MAX_BYTES) wrong.push(`${slack.bytes} bytes, limit ${MAX_BYTES}`);
if (times >= MAX_TIMES_BOLT) wrong.push(`import takes ${times.toFixed(2)} times Bolt's`);
process.stdout.write(`slack: ${times.toFixed(2)} times the import of cut-down Bolt\n`);
for (const line of wrong) process.stderr.write(`the Slack function is too heavy: ${line}\n`);
process.exit(wrong.length === 0 ? 0 : 1);
