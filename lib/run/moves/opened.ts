/** Where the volumes of a service were opened without the other site, as far as that was noted. */
import { openedMark } from '../../actions/replication/protection.ts';
import type { Service } from '../../config.ts';
import type { Engine } from '../engine.ts';
import { markOf } from './marks.ts';

/** Undefined once the copy runs from there, and where nobody was there to note it. */
export const openedSite = async (
  engine: Engine,
  { replication: { group } }: Service,
): Promise<string | undefined> => (await markOf(engine, openedMark(group)))?.site;
