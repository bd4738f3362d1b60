/** Whether everybody answers, and how far their clocks are off ours. */
import type { Clock } from '../../../clock.ts';
import type { Http, HttpResponse } from '../../../http.ts';
import { GatewayError } from '../../errors.ts';
import type { Settings } from '../../server/settings.ts';
import type { Targets } from '../../server/targets/index.ts';
import { openLender } from '../../server/targets/lender.ts';
import type { Target } from '../../server/targets/target.ts';
import { doorWords, whyOf } from '../../tls/words.ts';
import { type Finding, fault, fine, found, warning } from './finding.ts';

const CLOCK_WARN_S = 5;
/** Messages are refused from 300 s on; far before that something is wrong. */
const CLOCK_MEND_S = 60;
/** A grant of the other gateway holds for 20 s by its clock. */
const PEER_MEND_S = 15;

const LOGIN_LIMIT_MS = 30_000;

/** A read of each target that needs its login. */
export function checkTargets(
  settings: Settings,
  targets: Targets,
  clock: Clock,
): Promise<readonly Finding[]> {
  const reads = [
    ...settings.arrays.map(({ storageDeviceId: id, api }) => ({
      name: `array:${id}`,
      path: api === 'cm' ? `/v1/objects/storages/${id}` : '/v1/objects/storages/instance',
    })),
    { name: `cinder:${settings.cloud}`, path: '/volumes/detail?limit=1' },
    { name: `nova:${settings.cloud}`, path: '/servers/detail?limit=1' },
    { name: `neutron:${settings.cloud}`, path: '/v2.0/networks?limit=1' },
  ];
  return all(
    reads.map(({ name, path }) =>
      found(name, async () => {
        const answer = await read(targets.find(name), path, name);
        const clocks = clockOf(name, answer, { clock, mendAfterS: CLOCK_MEND_S });
        return [fine(name, 'It lets us in and answers.'), ...clocks];
      }),
    ),
  );
}

/** Users that are needed only when something is changed, or lent: they log in, and out again. */
export function checkChanges(
  settings: Settings,
  targets: Targets,
  deps: { readonly http: Http; readonly clock: Clock },
): Promise<readonly Finding[]> {
  return all(
    settings.arrays.map(({ storageDeviceId: id, user, lend }) => {
      const name = `array:${id}`;
      return found(name, async () => {
        const turn = await targets.find(name).enter(deps.clock.now() + LOGIN_LIMIT_MS);
        await turn.prove().finally(() => turn.leave());
        if (lend === undefined) return [fine(name, `User ${user} can log in for changes.`)];
        const lender = openLender(settings, deps);
        await lender.lend(id, LOGIN_LIMIT_MS).finally(() => lender.close());
        return [
          fine(name, `Users ${user} and ${lend.user} can log in for changes and to be lent.`),
        ];
      });
    }),
  );
}

async function read(target: Pick<Target, 'get'>, path: string, name: string) {
  const answer = await target.get(path);
  if (answer.status === 200) return answer;
  throw new GatewayError('GW-TARGET-LOGIN', `${name} answers ${answer.status} to GET ${path}.`);
}

/** Peers and the control plane's mailbox: whoever answers anything, also a refusal, is there. */
export function checkOthers(
  settings: Settings,
  ways: { readonly http: Http; readonly peerHttp: Http; readonly clock: Clock },
): Promise<readonly Finding[]> {
  const others = [
    ...(settings.peers ?? []).map(({ site, url }) => ({
      name: `gateway-${site}`,
      method: 'GET',
      http: ways.peerHttp,
      url: `${new URL(url).origin}/v1/health`,
    })),
    ...(settings.transport === undefined
      ? []
      : [
          {
            name: 'mailbox',
            method: 'POST',
            http: ways.http,
            url: `${settings.transport.poll.url.replace(/\/+$/, '')}/gateway/${settings.site}/poll`,
          },
        ]),
  ];
  return all(
    others.map(async ({ name, method, http, url }) => {
      try {
        const answer = await http({ method, url, headers: {}, timeoutMs: 10_000 });
        const shut = doorWords(answer);
        if (shut !== undefined) {
          return [fault({ about: name, code: 'GW-TLS-CLIENT', what: shut })];
        }
        const mendAfterS = name === 'mailbox' ? CLOCK_MEND_S : PEER_MEND_S;
        return [fine(name, 'It answers.'), ...clockOf(name, answer, { ...ways, mendAfterS })];
      } catch (error) {
        const what = `${url} gives no answer.`;
        return [warning({ about: name, code: 'GW-UNREACHABLE', what, why: whyOf(error) })];
      }
    }),
  );
}

const all = async (looks: readonly Promise<readonly Finding[]>[]): Promise<readonly Finding[]> =>
  (await Promise.all(looks)).flat();

/** A `Date` header knows whole seconds. */
function clockOf(
  about: string,
  { headers }: HttpResponse,
  { clock, mendAfterS }: { readonly clock: Clock; readonly mendAfterS: number },
): Finding[] {
  const shown = Date.parse(headers['date'] ?? '');
  if (Number.isNaN(shown)) return [];
  const off = Math.round((clock.now() - shown) / 1000);
  const what = `Its clock is ${Math.abs(off)} s ${off >= 0 ? 'behind' : 'ahead of'} ours.`;
  if (Math.abs(off) <= CLOCK_WARN_S) return [fine(about, what)];
  const trouble = { about, code: 'GW-CLOCK', what, why: 'Times in the evidence differ.' } as const;
  return [Math.abs(off) > mendAfterS ? fault(trouble) : warning(trouble)];
}
