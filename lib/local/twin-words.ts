/** How to talk to the twin: lines to paste into a terminal, or the same facts as one JSON object. */
import type { TwinUrls } from '../twin/serve.ts';
import type { TwinWorld } from '../twin/world.ts';

export const TWIN_HELP = `npm run twin -- [options]        simulated arrays and clouds, and nothing else

  --scenario <file>  what stands there (config/twin/two-centres.yml); shipped are also
                     three-centres and active-active; config/twin.yml takes the services of config/
  --port <number>    control door; the next numbers are the probe, the arrays, the clouds (4800)
  --tls              arrays and clouds speak HTTPS, with a private CA made for this folder
  --folder <folder>  where the state is kept (.drillbook/twin)
  --new              begin in a fresh folder; without it everything goes on where it was
  --speed <number>   times as fast as the wall clock (1)
  --json             one JSON object instead of words

Ctrl-C stops it, kill -9 too: no answer leaves before its change is on disk.`;

export interface Welcome {
  readonly scenario: string;
  readonly urls: TwinUrls;
  /** File with the certificate to trust; undefined without TLS. */
  readonly ca: string | undefined;
  readonly world: TwinWorld;
}

export function linesOf(welcome: Welcome, json: boolean): string[] {
  if (json) return [JSON.stringify(factsOf(welcome))];
  const { urls, ca, scenario } = welcome;
  return [
    `Simulated centres of ${scenario}. No data here is real.`,
    '',
    ...places(welcome),
    '',
    ...arrayLines(welcome),
    '',
    ...cloudLines(welcome),
    '',
    '# What happens inside, and faults by name (docs/faults.md):',
    `curl -s ${urls.control}/twin/v1`,
    `curl -s -d '{"name":"array-busy","on":true}' ${urls.control}/twin/v1/faults`,
    ...(ca === undefined ? [] : ['', `# The certificate authority to trust: ${ca}`]),
    '',
    '# Ctrl-C stops it; nothing is lost.',
  ];
}

function factsOf({ scenario, urls, ca, world: { topology } }: Welcome) {
  return {
    simulated: true,
    scenario,
    control: urls.control,
    probe: urls.probe,
    ca: ca ?? null,
    arrays: topology.arrays.map(({ id, storageDeviceId, users }) => ({
      id,
      storageDeviceId,
      url: `${urls.arrays[id]}/ConfigurationManager`,
      ...loginOf(users),
    })),
    clouds: topology.clouds.map((cloud) => ({
      name: cloud.name,
      region: cloud.region,
      authUrl: `${urls.clouds[cloud.name]}/identity/v3`,
      project: cloud.projects[0]?.name,
      user: cloud.users[0]?.name,
      password: cloud.users[0]?.password,
    })),
  };
}

const loginOf = (users: readonly { user: string; password: string }[]) => ({
  user: users[0]?.user ?? '',
  password: users[0]?.password ?? '',
});

function places({ urls, world: { topology } }: Welcome): string[] {
  const all = [
    ...topology.arrays.map(({ id, storageDeviceId }) => [
      `array ${id}`,
      `${urls.arrays[id]}`,
      storageDeviceId,
    ]),
    ...topology.clouds.map(({ name, region }) => [`cloud ${name}`, `${urls.clouds[name]}`, region]),
    ['control', urls.control, 'oracle, effects, faults'],
    ['probe', urls.probe, 'forward proxy into the drill networks'],
  ];
  const width = Math.max(...all.map(([what = '']) => what.length));
  return all.map(([what = '', url, more]) => `  ${what.padEnd(width)}  ${url}  ${more}`);
}

/** Log-in at the array where copies are, and a read that needs one session only. */
function arrayLines({ urls, ca, world: { topology, units } }: Welcome): string[] {
  const unit = units[0];
  const array = topology.arrays.find(({ id }) => id === unit?.to) ?? topology.arrays[0];
  if (array === undefined) return [];
  const { user, password } = loginOf(array.users);
  const curl = ca === undefined ? 'curl -s' : `curl -s --cacert ${ca}`;
  const base = `${urls.arrays[array.id]}/ConfigurationManager/v1/objects`;
  const spec = topology.groups.find(({ name }) => name === unit?.group);
  const devices = spec?.deviceGroups?.to ?? `${unit?.group}S_`;
  const read =
    unit === undefined
      ? 'ldevs?count=10'
      : `remote-mirror-copygroups/NotSpecified,${unit.group},${devices},NotSpecified`;
  return [
    `# Log in to array ${array.id} and read:`,
    `TOKEN=$(${curl} -X POST -u ${user}:${password} ${base}/sessions \\`,
    `  | sed 's/.*"token" *: *"\\([^"]*\\)".*/\\1/')`,
    `${curl} -H "Authorization: Session $TOKEN" ${base}/${read}`,
  ];
}

function cloudLines({ urls, ca, world: { topology, units } }: Welcome): string[] {
  const below = units[0]?.to;
  const cloud =
    topology.clouds.find(({ backends }) => backends.some(({ arrayId }) => arrayId === below)) ??
    topology.clouds[0];
  if (cloud === undefined) return [];
  const [user, project] = [cloud.users[0], cloud.projects[0]];
  return [
    `# The command lines of OpenStack at ${cloud.name}:`,
    `export OS_AUTH_URL=${urls.clouds[cloud.name]}/identity/v3 OS_IDENTITY_API_VERSION=3`,
    `export OS_USERNAME=${user?.name} OS_PASSWORD=${user?.password} OS_PROJECT_NAME=${project?.name}`,
    'export OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default',
    `export OS_REGION_NAME=${cloud.region}${ca === undefined ? '' : ` OS_CACERT=${ca}`}`,
    'openstack volume list',
  ];
}
