/** Writes what the rig needs to know of the arrays (hbsd.json) from what the twin said at its start. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';

const factsSchema = z.object({
  ca: z.string(),
  control: z.string(),
  arrays: z.array(
    z.object({
      id: z.string(),
      storageDeviceId: z.string(),
      url: z.string(),
      user: z.string(),
      password: z.string(),
    }),
  ),
});

/** What the array refuses, the driver tries again for this long (s); its defaults are 30 and 600. */
const options = { hitachi_rest_timeout: 5, hitachi_extend_timeout: 5 };

const [file = ''] = process.argv.slice(2);
const { ca, control, arrays } = factsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
const below = arrays.map(({ id, ...array }) => [
  id,
  { ...array, pool: 0, ports: ['CL3-B'], options },
]);
process.stdout.write(JSON.stringify({ ...Object.fromEntries(below), ca, control }, null, 2));
