/**
 * What people and scripts type at an OpenStack, in an order in which it can be run from start to
 * end on a cloud that has a back end with replication. `{name}` stands for something that an
 * earlier command answered, that the cloud calls its own (see `Names`), or for the run itself.
 */

/** Differs from cloud to cloud: `host@backend` and its replication target. */
export interface Names {
  readonly backend: string;
  readonly target: string;
}

export interface Command {
  /** Of the recording; left out = run for its effect only. */
  readonly name?: string;
  readonly words: string;
  /** Remembers a field of the answer under a name: `volume=id`. */
  readonly keep?: string;
  /** Repeats the command until a field has a value, or (`gone`) until it fails: `status=in-use`. */
  readonly until?: string;
}

const record = (name: string, words: string, keep?: string): Command => ({
  name,
  words: withFormat(words),
  ...(keep === undefined ? {} : { keep }),
});
const wait = (until: string, words: string): Command => ({ words: withFormat(words), until });

/** Commands of `openstack` that print something are asked for JSON. */
function withFormat(words: string): string {
  const prints = / (issue|list|show|create)( |$)|server add volume/.test(words);
  return words.startsWith('openstack') && prints ? `${words} -f json` : words;
}

const looking: readonly Command[] = [
  record('token-issue', 'openstack token issue', 'project=project_id'),
  record('catalog-show-volume', 'openstack catalog show volumev3'),
  record('catalog-show-compute', 'openstack catalog show compute'),
  record('catalog-show-image', 'openstack catalog show image'),
  record('availability-zone-list', 'openstack availability zone list --volume'),
  record('volume-type-list', 'openstack volume type list --long'),
  record('volume-type-show', 'openstack volume type show replicated'),
  record('volume-service-list', 'openstack volume service list --long'),
  record('compute-service-list', 'openstack compute service list'),
  record('hypervisor-list', 'openstack hypervisor list'),
  record('flavor-list', 'openstack flavor list'),
  record('flavor-show', 'openstack flavor show c4.m16'),
  record('quota-show', 'cinder quota-show {project}'),
  record('quota-usage', 'cinder quota-usage {project}'),
  record('limits-show', 'openstack limits show --absolute'),
  record('volume-backup-list', 'openstack volume backup list'),
  record('cinder-service-list', 'cinder service-list --withreplication'),
  record('cinder-get-pools', 'cinder get-pools'),
];

const volumes: readonly Command[] = [
  record(
    'volume-create',
    'openstack volume create --size 1 --type replicated --property drill=1 rec-one-{run}',
    'volume=id',
  ),
  wait('status=available', 'openstack volume show {volume}'),
  record('volume-show', 'openstack volume show {volume}'),
  record('volume-show-by-name', 'openstack volume show rec-one-{run}'),
  record('volume-list', 'openstack volume list --name rec-one-{run}'),
  record('volume-list-long', 'openstack volume list --long --name rec-one-{run}'),
  record('cinder-list', 'cinder list --name rec-one-{run}'),
  record('cinder-show', 'cinder show {volume}'),
  record(
    'volume-set',
    'openstack volume set --bootable --property site=dr --description copy {volume}',
  ),
  record('volume-show-after-set', 'openstack volume show {volume}'),
  record('volume-unset', 'openstack volume unset --property site {volume}'),
  record('volume-extend', 'openstack volume set --size 2 {volume}'),
  wait('size=2', 'openstack volume show {volume}'),
  record(
    'snapshot-create',
    'openstack volume snapshot create --volume {volume} rec-snap-{run}',
    'snapshot=id',
  ),
  wait('status=available', 'openstack volume snapshot show {snapshot}'),
  record('snapshot-show', 'openstack volume snapshot show {snapshot}'),
  record('snapshot-list', 'openstack volume snapshot list --long --name rec-snap-{run}'),
  record('volume-delete-with-snapshot', 'openstack volume delete {volume}'),
  record(
    'volume-create-from-snapshot',
    'openstack volume create --snapshot {snapshot} rec-restored-{run}',
    'restored=id',
  ),
  wait('status=available', 'openstack volume show {restored}'),
  record(
    'volume-create-clone',
    'openstack volume create --source {volume} rec-clone-{run}',
    'clone=id',
  ),
  wait('status=available', 'openstack volume show {clone}'),
  record('volume-show-clone', 'openstack volume show {clone}'),
  record('snapshot-delete', 'openstack volume snapshot delete {snapshot}'),
  wait('gone', 'openstack volume snapshot show {snapshot}'),
  record('volume-delete', 'openstack volume delete {clone} {restored}'),
  wait('gone', 'openstack volume show {restored}'),
];

const servers: readonly Command[] = [
  record(
    'server-create',
    'openstack server create --flavor c4.m16 --volume {volume} --nic none rec-server-{run}',
    'server=id',
  ),
  wait('status=ACTIVE', 'openstack server show {server}'),
  record('server-show', 'openstack server show {server}'),
  record('server-list', 'openstack server list --long --name rec-server-{run}'),
  record('volume-show-in-use', 'openstack volume show {volume}'),
  record('volume-delete-in-use', 'openstack volume delete {volume}'),
  record('data-volume-create', 'openstack volume create --size 1 rec-data-{run}', 'data=id'),
  wait('status=available', 'openstack volume show {data}'),
  record('server-add-volume', 'openstack server add volume {server} {data}'),
  wait('status=in-use', 'openstack volume show {data}'),
  record('server-volume-list', 'openstack server volume list {server}'),
  record('server-remove-volume', 'openstack server remove volume {server} {data}'),
  wait('status=available', 'openstack volume show {data}'),
  record('server-stop', 'openstack server stop {server}'),
  wait('status=SHUTOFF', 'openstack server show {server}'),
  record('server-show-stopped', 'openstack server show {server}'),
  record('server-start', 'openstack server start {server}'),
  wait('status=ACTIVE', 'openstack server show {server}'),
  record('server-lock', 'openstack server lock {server}'),
  record('server-unlock', 'openstack server unlock {server}'),
  record('server-delete', 'openstack server delete {server}'),
  wait('gone', 'openstack server show {server}'),
  wait('status=available', 'openstack volume show {volume}'),
];

const images: readonly Command[] = [
  record('image-list', 'openstack image list'),
  record(
    'image-create-from-volume',
    'openstack image create --volume {data} rec-image-{run}',
    'image=image_id',
  ),
  wait('status=active', 'openstack image show {image}'),
  record('image-show', 'openstack image show {image}'),
  record('image-delete', 'openstack image delete {image}'),
  wait('status=available', 'openstack volume show {data}'),
];

const refusals: readonly Command[] = [
  record('volume-show-unknown', 'openstack volume show 6f1c0b7e-0000-4000-8000-00000000dead'),
  record('volume-delete-unknown', 'openstack volume delete no-such-volume'),
  record(
    'volume-create-unknown-type',
    'openstack volume create --size 1 --type no-such-type rec-x-{run}',
  ),
  record('volume-create-no-size', 'openstack volume create rec-x-{run}'),
  record('volume-create-size-zero', 'cinder create 0 --name rec-x-{run}'),
  record('volume-create-over-quota', 'openstack volume create --size 600000 rec-x-{run}'),
  record('server-show-unknown', 'openstack server show no-such-server'),
  record(
    'server-create-unknown-flavor',
    'openstack server create --flavor none --volume {data} --nic none x',
  ),
  record('wrong-password', 'openstack --os-password wrong token issue'),
  record('unknown-project', 'openstack --os-project-name nowhere token issue'),
  record('version-too-new', 'openstack --os-volume-api-version 3.99 volume list'),
  record('cinder-version-too-new', 'cinder --os-volume-api-version 3.71 list'),
  // A type whose back end does not exist: the scheduler finds nothing, and says so in a message.
  record(
    'volume-create-nowhere',
    'openstack volume create --size 1 --type nowhere rec-lost-{run}',
    'lost=id',
  ),
  wait('status=error', 'openstack volume show {lost}'),
  record('volume-show-error', 'openstack volume show {lost}'),
  record('volume-message-list', 'openstack volume message list'),
  record('volume-delete-error', 'openstack volume delete {lost}'),
];

const backends: readonly Command[] = [
  record(
    'service-disable',
    'openstack volume service set --disable --disable-reason test {backend} cinder-volume',
  ),
  record('service-list-disabled', 'openstack volume service list --long --service cinder-volume'),
  record('service-enable', 'openstack volume service set --enable {backend} cinder-volume'),
  record('freeze-host', 'cinder freeze-host {backend}'),
  record('freeze-host-twice', 'cinder freeze-host {backend}'),
  record('service-list-frozen', 'cinder service-list --withreplication --binary cinder-volume'),
  record('volume-delete-frozen', 'openstack volume delete {data}'),
  record('thaw-host', 'cinder thaw-host {backend}'),
  record('thaw-host-twice', 'cinder thaw-host {backend}'),
  record('service-list-thawed', 'cinder service-list --withreplication --binary cinder-volume'),
  record('failover-host', 'cinder failover-host --backend_id {target} {backend}'),
  wait('replication_status=failed-over', 'openstack volume show {volume}'),
  record(
    'service-list-failed-over',
    'cinder service-list --withreplication --binary cinder-volume',
  ),
  record('volume-show-failed-over', 'openstack volume show {volume}'),
  record('volume-show-not-replicated', 'openstack volume show {data}'),
  record('failover-host-back', 'cinder failover-host --backend_id default {backend}'),
  wait('replication_status=enabled', 'openstack volume show {volume}'),
  record(
    'service-list-failed-back',
    'cinder service-list --withreplication --binary cinder-volume',
  ),
  record('failover-unknown-host', 'cinder failover-host --backend_id {target} nobody@nowhere'),
];

const leaving: readonly Command[] = [
  record('volume-state-reset', 'openstack volume set --state available {data}'),
  { words: 'openstack volume delete {data} {volume}' },
  wait('gone', 'openstack volume show {volume}'),
  record('volume-list-empty', 'openstack volume list --name rec-one-{run}'),
];

export const commands: readonly Command[] = [
  ...looking,
  ...volumes,
  ...servers,
  ...images,
  ...refusals,
  ...backends,
  ...leaving,
];
