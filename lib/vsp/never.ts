/** What is a hazard in any state: no plan holds it, and no gateway sends it or believes it. */

/** A local copy put back over its source (hazard 10). */
export const isRestore = (path: string): boolean =>
  /\/local-clone-copy(groups|pairs)\/[^/]+\/actions\/restore\/invoke$/.test(path);

/** Answered from a cache (hazard 12): class details, and lists of copies that were not refreshed. */
export function isCached(path: string): boolean {
  const [object = '', query = ''] = path.split('?');
  const asked = query.split('&');
  if (asked.some((one) => /^detailInfoType=(.*,)?class(,|$)/.test(one))) return true;
  return object.endsWith('/local-clone-copypairs') && !asked.includes('refresh=true');
}

/** Words of an LDEV that is in a pair with another array. */
const REMOTE = ['HORC', 'GAD'];

/** In remote copy, or not known to be in none. */
export const isReplicated = ({
  attributes,
}: {
  readonly attributes?: string[] | undefined;
}): boolean => attributes === undefined || attributes.some((word) => REMOTE.includes(word));
