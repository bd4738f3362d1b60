/** What differs between the controllers of two sites, bound to the plan that makes DR like main. */
import type { Config, Site } from '../../config.ts';
import { noMapping } from '../../mapping.ts';
import { differencesOf } from '../../openstack/configuration/compare.ts';
import { normalOf } from '../../openstack/configuration/normal.ts';
import { asItIs } from '../../openstack/configuration/translate.ts';
import type { Bound } from '../../runbook/bound.ts';
import type { Reader } from '../action.ts';
import { namesakesOf, neededIds } from '../configuration/needs.ts';
import { seeCloudConfiguration } from '../configuration/see.ts';
import { ActionError } from '../errors.ts';

interface Asked {
  readonly from: Site;
  readonly to: Site;
  readonly config: Pick<Config, 'mapping'>;
  /** Whether the differences are bound as well, or only what is meant to differ. */
  readonly differences: boolean;
}

/** Throws ACT-UNREAD when a list of one of the controllers cannot be read. */
export async function readConfiguration(
  read: Reader,
  { from, to, config, differences: wanted }: Asked,
): Promise<NonNullable<Bound['configuration']>> {
  const mapping = config.mapping ?? noMapping;
  if (!wanted) return { mapping, differences: [], ids: {}, namesakes: {} };
  const [main, dr] = await Promise.all(
    [from, to].map(async (site) => {
      const seen = await seeCloudConfiguration(read, site, mapping);
      if (seen.ok) return seen.value;
      throw new ActionError('ACT-UNREAD', `No configuration of ${site.id}.`, `${seen.why}.`);
    }),
  );
  if (main === undefined || dr === undefined) throw new Error('two sites were asked');
  const differences = differencesOf({ main, dr }, mapping);
  const ids = neededIds(differences, normalOf(dr, asItIs));
  return { mapping, differences, ids, namesakes: namesakesOf(differences, dr) };
}
