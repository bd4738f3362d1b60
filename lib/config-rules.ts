/**
 * What the guideline's tiers and the law ask of services and centres. Checked when configuration is
 * loaded: a service that offers less than its tier is found out before a disaster, not in it.
 */
import type { Config, Service, Tier } from './config.ts';
import type { Fault, Problem, YamlText } from './yaml.ts';

interface Found extends Fault {
  /** Below the service. */
  readonly at: readonly PropertyKey[];
}

interface Texts {
  readonly sites: YamlText;
  readonly services: YamlText;
}

/** A policy without tiers or law, as of earlier versions, asks for nothing. */
export function policyProblems(config: Config, { sites, services }: Texts): Problem[] {
  const { tiers } = config.policy;
  const ofServices = config.services.flatMap((service, s) => {
    const asked = tiers?.[service.tier];
    const found = [
      ...(asked === undefined ? [] : tierFaults(service, asked, config)),
      ...lawFaults(service, config),
      ...wayFaults(service),
    ];
    return found.map(({ at, ...fault }) => services.problem(['services', s, ...at], fault));
  });
  return [...ofServices, ...countryProblems(config, sites)];
}

/** What the service lacks, in the words of its tier. */
function tierFaults(service: Service, asked: Tier, config: Config): Found[] {
  const { id, tier, rtoMinutes, replication } = service;
  const { from, to, type, fence, far } = replication;
  const found: Found[] = [];
  const lacks = (rule: string, at: readonly PropertyKey[], what: string) =>
    found.push({ rule, at, what: `${id} is ${tier}: ${what}` });
  if (rtoMinutes > asked.rtoMinutes) {
    const what = `an RTO of at most ${asked.rtoMinutes} minutes is asked for, found ${rtoMinutes}`;
    lacks('tier-rto', ['rtoMinutes'], what);
  }
  const rpo = service.rpoSeconds ?? asked.rpoSeconds;
  if (rpo > asked.rpoSeconds) {
    const what = `an RPO of at most ${asked.rpoSeconds} seconds is asked for, found ${rpo}`;
    lacks('tier-rpo', ['rpoSeconds'], what);
  }
  if (rpo === 0 && type === 'UR') {
    const what = 'an RPO of 0 in a disaster needs TC or GAD; UR acknowledges before DR has it';
    lacks('tier-rpo', ['replication', 'type'], `${what}, found ${type}`);
  }
  if (rpo === 0 && type === 'TC' && fence !== 'DATA') {
    const what = 'an RPO of 0 with TC needs fence DATA; other levels may go on without DR';
    lacks('tier-rpo', ['replication'], `${what}, found ${fence ?? 'none'}`);
  }
  if (!asked.replication.includes(type)) {
    const what = `replication ${asked.replication.join(' or ')} is asked for, found ${type}`;
    lacks('tier-replication', ['replication', 'type'], what);
  }
  const centres = new Set([from, to, ...(far === undefined ? [] : [far.site])]).size;
  if (centres < asked.sites) {
    const what = `data in ${asked.sites} centres is asked for, found ${centres}`;
    lacks('tier-sites', ['replication', 'to'], what);
  }
  const km = distanceOf(config, from, to);
  if (asked.distanceKm > 0 && (km === undefined || km < asked.distanceKm)) {
    const seen = km === undefined ? 'no distance declared in sites.yml' : `${km} km`;
    const what = `${asked.distanceKm} km between ${from} and ${to} are asked for, found ${seen}`;
    lacks('tier-distance', ['replication', 'to'], what);
  }
  return found;
}

function distanceOf({ sites }: Config, from: string, to: string): number | undefined {
  const at = (id: string) => sites.find((site) => site.id === id)?.distanceKm;
  return at(from)?.[to] ?? at(to)?.[from];
}

function lawFaults({ id, critical, rtoMinutes }: Service, { policy: { law } }: Config): Found[] {
  if (law === undefined || !critical) return [];
  const limit = law.criticalRtoMinutes[law.industry];
  if (rtoMinutes <= limit) return [];
  const asked = `an RTO of at most ${limit} minutes is the law, found ${rtoMinutes}`;
  const what = `${id} is a critical function of a ${law.industry}: ${asked}`;
  return [{ rule: 'law-rto', at: ['rtoMinutes'], what }];
}

/** A service that starts at DR without volumes of the DR Cinder needs pairs to take over, and a network. */
function wayFaults({ id, atDr = 'twin', replication, networks }: Service): Found[] {
  if (atDr === 'twin') return [];
  const found: Found[] = [];
  if (replication.type === 'GAD') {
    const what = `${id} is replicated by GAD: one volume at both sites, which Cinder knows`;
    found.push({ rule: 'at-dr', at: ['atDr'], what, instead: 'atDr: twin' });
  }
  if (networks?.[replication.to] === undefined) {
    const what = `${id} starts at ${replication.to} by atDr: ${atDr} and has no network there`;
    const instead = `networks: { ${replication.to}: … }`;
    found.push({ rule: 'at-dr', at: ['atDr'], what, instead });
  }
  return found;
}

function countryProblems({ sites, policy: { law } }: Config, text: YamlText): Problem[] {
  if (law === undefined) return [];
  return sites.flatMap(({ id, country }, i) => {
    if (country === law.country) return [];
    const seen = country ?? 'no country declared';
    const what = `centres have to stand in ${law.country}, ${id} has ${seen}`;
    return [text.problem(['sites', i, 'country'], { rule: 'law-country', what })];
  });
}
