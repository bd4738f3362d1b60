/**
 * Every fault that can be switched on by name, in one table: what it strikes and what then happens.
 * The documentation page is made from it, and one test walks through all of it.
 */

/**
 * `service` = volumes and pairs of one service; `array`, `cloud` = one of a site; `link` = between
 * the arrays of two sites; `site` = everything there; `door` = the network port of an array or a
 * cloud; `gateway` = one of our own processes, on one machine.
 */
export type FaultTarget = 'service' | 'array' | 'cloud' | 'link' | 'site' | 'door' | 'gateway';

export interface FaultLine {
  readonly name: string;
  readonly target: FaultTarget;
  /** What happens while it is on, in one sentence. */
  readonly does: string;
  /** `once` = strikes the next request it fits and is over. */
  readonly lasts?: 'once';
}

export const faultTable = [
  // Arrays.
  { name: 'array-busy', target: 'array', does: 'Every request is answered 503 KART00003-E.' },
  { name: 'array-slow', target: 'array', does: 'Each answer takes six seconds.' },
  { name: 'array-dead', target: 'array', does: 'No answer, and its data paths are down.' },
  { name: 'management-cut', target: 'array', does: 'REST does not answer; replication goes on.' },
  {
    name: 'job-unknown',
    target: 'array',
    does: 'Jobs end Completed and Unknown; the change is made.',
  },
  { name: 'job-failed', target: 'array', does: 'Jobs end Failed, and nothing was changed.' },
  { name: 'job-failed-done', target: 'array', does: 'Jobs end Failed, yet the change was made.' },
  {
    name: 'job-failed-at-once',
    target: 'array',
    does: '202 carries a job that has failed already.',
  },
  { name: 'job-stuck', target: 'array', does: 'Jobs stay Running, behind a long copy.' },
  { name: 'job-lost', target: 'array', does: 'Job records are gone: 404.' },
  {
    name: 'answer-lost',
    target: 'array',
    does: 'A change is made and the line breaks.',
    lasts: 'once',
  },
  {
    name: 'request-lost',
    target: 'array',
    does: 'The line breaks before a change.',
    lasts: 'once',
  },
  { name: 'lock-held', target: 'array', does: 'Another user holds the resource group lock.' },
  { name: 'sessions-lost', target: 'array', does: 'All sessions have ended.', lasts: 'once' },
  { name: 'session-short', target: 'array', does: 'Sessions end after five idle seconds.' },
  { name: 'session-cap', target: 'array', does: 'Other tools hold all 64 sessions.' },
  { name: 'role-missing', target: 'array', does: 'The user may only read: changes get 403.' },
  { name: 'clock-wrong', target: 'array', does: 'Its clock is seven minutes ahead.' },
  { name: 'error-empty', target: 'array', does: 'Changes get 500 with an empty errorCode.' },
  { name: 'error-html', target: 'array', does: 'A proxy answers 502 with an HTML page.' },
  { name: 'error-bare', target: 'array', does: '503 without body, with Retry-After.' },
  { name: 'quorum-lost', target: 'array', does: 'Its quorum disks are BLOCKED.' },
  {
    name: 'stale-cache',
    target: 'array',
    does: 'Class details, and lists of copies without refresh, show what was.',
  },
  {
    name: 'foreign-session',
    target: 'array',
    does: 'Its sessions are refused as Remote-Authorization.',
  },
  { name: 'other-array', target: 'array', does: 'Another array answers at its address.' },
  // Pairs and volumes of a service.
  { name: 'copies-left-split', target: 'service', does: 'Somebody left the drill copies split.' },
  {
    name: 'copies-copying',
    target: 'service',
    does: 'The drill copies are in COPY and stay there.',
  },
  {
    name: 'no-consistency-group',
    target: 'service',
    does: 'The drill copies have no group split.',
  },
  { name: 'pair-added', target: 'service', does: 'One more volume is in both copy groups.' },
  { name: 'pair-stuck', target: 'service', does: 'One remote pair is in COPY and stays there.' },
  { name: 'partial-group', target: 'service', does: 'One remote pair was split by somebody.' },
  { name: 'ldev-swapped', target: 'service', does: 'The first copy lies on another LDEV.' },
  { name: 'ldev-blocked', target: 'service', does: 'The first S-VOL is blocked (BLK).' },
  { name: 'host-path-left', target: 'service', does: 'A host still reaches the first copy.' },
  { name: 'pvol-path-left', target: 'service', does: 'A forgotten host reaches the first P-VOL.' },
  { name: 'volume-added', target: 'service', does: 'A server has a disk that is not replicated.' },
  { name: 'taken-over', target: 'service', does: 'Somebody took the S-VOLs over: SSWS.' },
  { name: 'partial-takeover', target: 'service', does: 'Somebody took over one S-VOL alone.' },
  { name: 'pairs-deleted', target: 'service', does: 'Somebody dissolved all remote pairs.' },
  {
    name: 'group-shared',
    target: 'service',
    does: 'A volume of another service is in its copy group.',
  },
  {
    name: 'second-group',
    target: 'service',
    does: 'Half of its pairs are in another copy group and journal.',
  },
  { name: 'replication-suspended', target: 'service', does: 'All remote pairs are PSUE.' },
  {
    name: 'resync-backwards',
    target: 'service',
    does: 'S-VOLs were split writable and hold newer data.',
  },
  { name: 'journal-full', target: 'service', does: 'The journal overflowed: PFUS.' },
  { name: 'backlog', target: 'service', does: 'DR receives and does not restore.' },
  { name: 'link-down', target: 'service', does: 'Nothing of this service reaches DR.' },
  // Links between sites.
  { name: 'link-cut', target: 'link', does: 'All remote paths are down, both ways.' },
  { name: 'link-slow', target: 'link', does: 'The link carries a tenth of what is written.' },
  { name: 'path-one-way', target: 'link', does: 'Only the way back to main is down.' },
  // Sites.
  { name: 'site-dead', target: 'site', does: 'Array and cloud are gone, with all their paths.' },
  { name: 'site-cut', target: 'site', does: 'Nobody outside reaches it; its hosts write on.' },
  {
    name: 'guests-return',
    target: 'site',
    does: 'Its servers run again as soon as it is back from the dead.',
  },
  // Clouds.
  { name: 'http-500', target: 'cloud', does: 'All services but Keystone answer 500.' },
  { name: 'token-revoked', target: 'cloud', does: 'Tokens given out so far end.', lasts: 'once' },
  { name: 'token-short', target: 'cloud', does: 'Tokens live twenty seconds.' },
  { name: 'cloud-clock-wrong', target: 'cloud', does: 'Its clock is seven minutes behind.' },
  { name: 'cinder-down', target: 'cloud', does: 'cinder-volume is down; the array is well.' },
  {
    name: 'backend-down',
    target: 'cloud',
    does: 'cinder-volume is up; its array does not answer.',
  },
  { name: 'volume-stuck-creating', target: 'cloud', does: 'New volumes stay in creating.' },
  { name: 'volume-stuck-attaching', target: 'cloud', does: 'Attached volumes stay in attaching.' },
  {
    name: 'volume-delete-failing',
    target: 'cloud',
    does: 'Deleted volumes end in error_deleting.',
  },
  { name: 'snapshot-failing', target: 'cloud', does: 'New snapshots end in error.' },
  { name: 'quota-full', target: 'cloud', does: 'No quota is left for volumes, servers or ports.' },
  { name: 'boot-failing', target: 'cloud', does: 'New servers end in ERROR.' },
  { name: 'boot-slow', target: 'cloud', does: 'New servers stay in BUILD for twenty minutes.' },
  { name: 'slow-delete', target: 'cloud', does: 'Deleting a server takes three minutes.' },
  {
    name: 'compute-down',
    target: 'cloud',
    does: 'The first compute host is down with its servers.',
  },
  { name: 'router-attached', target: 'cloud', does: 'A router reaches every inner network.' },
  // Network ports.
  { name: 'certificate-expired', target: 'door', does: 'The TLS certificate has expired.' },
  { name: 'door-slow', target: 'door', does: 'The answer trickles, a byte a second.' },
  { name: 'door-truncated', target: 'door', does: 'The answer breaks off in its middle.' },
  { name: 'door-reset', target: 'door', does: 'The connection is reset before any answer.' },
  // Our own processes.
  { name: 'gateway-restarted', target: 'gateway', does: 'Killed and started anew.', lasts: 'once' },
] as const satisfies readonly FaultLine[];

export type FaultName = (typeof faultTable)[number]['name'];

/** What may be said of where, by what a fault strikes. */
export const faultPlaces = {
  service: ['service'],
  array: ['site'],
  link: ['between'],
  site: ['site'],
  cloud: ['site'],
  door: ['site', 'door'],
  gateway: ['site'],
} as const satisfies Readonly<Record<FaultTarget, readonly string[]>>;
