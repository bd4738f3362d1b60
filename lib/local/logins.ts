/** Which credentials go into which gateway's folder: those of its own site and no others. */
import type { Config } from '../config.ts';
import { drillableOf, twinCredentials, twinMap } from '../twin/map.ts';
import type { Scenario } from '../twin/scenario.ts';
import { PROJECT_NAME } from '../twin/seams.ts';
import { LocalError } from './folder.ts';
import type { SiteLogin } from './provision.ts';

/** Where the twin listens. */
export interface TwinAddresses {
  readonly array: (site: string) => string;
  readonly cloud: (cloud: string) => string;
  /** Forward proxies into the networks of the DR cloud, and of the one at home. */
  readonly probe: string;
  readonly homeProbe: string;
}

const NOTHING = { copyGroups: [], ldevs: [], volumes: [], networks: [] };

/** Nothing in a drill on copies changes anything at a main site: its drillable list is empty. */
export function loginsOf(
  config: Config,
  scenario: Scenario,
  twin: TwinAddresses,
): Record<string, SiteLogin> {
  const credentials = twinCredentials(config);
  const drillable = drillableOf(twinMap(config, scenario));
  const logins: Record<string, SiteLogin> = {};
  for (const site of config.sites) {
    const isMain = config.services.some((service) => service.replication.from === site.id);
    const array = credentials.arrays[site.id];
    const cloud = credentials.clouds[site.cloud];
    const lend = credentials.lent[site.id];
    if (array === undefined || cloud === undefined || lend === undefined) {
      throw new LocalError('LOCAL-CHILD', `The twin has no site ${site.id}.`);
    }
    logins[site.id] = {
      array: { url: `${twin.array(site.id)}/ConfigurationManager`, ...array, lend },
      cloud: {
        authUrl: `${twin.cloud(site.cloud)}/identity/v3`,
        user: cloud.userName,
        password: cloud.password,
        project: PROJECT_NAME,
      },
      drillable: isMain ? NOTHING : drillable,
      probes: { proxy: isMain ? twin.homeProbe : twin.probe, urls: probeUrls(config) },
    };
  }
  return logins;
}

function probeUrls(config: Config): string[] {
  const checks = config.services.flatMap((service) => service.checks);
  return checks.flatMap((check) =>
    check.kind === 'http' ? [check.url] : check.kind === 'http-json' ? check.urls : [],
  );
}
