/** Writes config/runbook.schema.json, which editors check runbooks with as they are typed. */
import { writeFileSync } from 'node:fs';
import { actions } from '../lib/actions/index.ts';
import { runbookJsonSchema } from '../lib/runbook/schema.ts';

const schema = runbookJsonSchema(actions.keys());
writeFileSync('config/runbook.schema.json', `${JSON.stringify(schema, null, 2)}\n`);
