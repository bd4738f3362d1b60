/** One simulated OpenStack: Keystone, Cinder, Glance, Nova, Neutron and a way into its networks. */
import { sha256 } from '../../canonical.ts';
import type { Clock } from '../../clock.ts';
import type { Http, HttpRequest, HttpResponse } from '../../http.ts';
import type { Random } from '../../random.ts';
import type { ArrayPort, Effect } from '../seams.ts';
import { seedPaths } from './block/attachments.ts';
import { restart } from './block/health.ts';
import { replaceRows } from './block/rows.ts';
import { wallTime } from './clock.ts';
import { giveDisk, takeDisk } from './compute/extra-disk.ts';
import { switchFault } from './faults.ts';
import { uuid } from './ids.ts';
import { answerProbe } from './probe.ts';
import type { ServiceBinary } from './restarts.ts';
import type { CloudSeed } from './seed.ts';
import { type Service, servicesOf } from './services.ts';
import { settle } from './settle.ts';
import { type CloudContext, type CloudFault, cloudStateSchema, initialState } from './state.ts';

export type { CloudFault } from './state.ts';

export interface CloudDeps {
  /** By the `arrayId` that the back ends of the seed name. */
  readonly arrays: Readonly<Record<string, ArrayPort>>;
  readonly clock: Clock;
  readonly random: Random;
  /** Origin under which clients reach this cloud; goes into the catalogue and into links. */
  readonly baseUrl: () => string;
  /** Once per accepted mutation of Cinder, Glance, Nova or Neutron. */
  onEffect(effect: Omit<Effect, 'at' | 'site'>): void;
  /** After every change of state and before the answer leaves. */
  changed(): void | Promise<void>;
  /** Whether everything in a site has failed: its hosts do not run. */
  readonly siteDown?: (site: string) => boolean;
  /** Whether guests run again by themselves when their site is back. */
  readonly guestsReturn?: (site: string) => boolean;
  /** Life of a token; one hour unless said otherwise. */
  readonly tokenTtlSeconds?: number;
  /** False when nobody writes the state down: then nobody asks whether it changed. */
  readonly kept?: boolean;
}

export interface Cloud {
  readonly handle: Http;
  /** Forward proxy of the drill networks: asked with `http://<fixed ip>:8080/…`. */
  readonly probe: Http;
  /** Makes happen what is due, so that the arrays show it too; true if anything did. */
  settle(): boolean;
  snapshot(): unknown;
  /** Throws when the state was not made by `snapshot`. */
  restore(state: unknown): void;
  fault(name: CloudFault, on: boolean): void;
  /** Gives the server that has this LDEV a disk more, or takes it away; false = there was none. */
  disk(at: { readonly arrayId: string; readonly ldevId: number }, given: boolean): boolean;
  /** What a restore of Cinder's database leaves: rows that no API made, in place of those of the same id. */
  rows(volumes: CloudSeed['volumes']): void;
  /** What an operator does on the controller: all processes of this name start anew. */
  restart(binary: ServiceBinary): void;
}

export function createCloud(seed: CloudSeed, deps: CloudDeps): Cloud {
  const { clock, baseUrl, arrays } = deps;
  const context: CloudContext = {
    seed,
    arrays,
    clock,
    // A seeded chance begins anew with each process; the time in it keeps ids apart all the same.
    random: (bytes) => sha256(`${deps.random(bytes)}:${clock.now()}`).slice(0, bytes * 2),
    baseUrl,
    siteDown: deps.siteDown ?? (() => false),
    guestsReturn: deps.guestsReturn ?? (() => false),
    tokenTtlSeconds: deps.tokenTtlSeconds ?? 3600,
    kept: deps.kept ?? true,
    state: initialState(seed, clock.now()),
  };
  const services = servicesOf(context);
  seedPaths(context);

  async function handle(request: HttpRequest): Promise<HttpResponse> {
    const settled = settle(context);
    const requestId = `req-${uuid(context.random)}`;
    const answer = await services.answer(request, requestId);
    const changes = !['GET', 'HEAD'].includes(request.method.toUpperCase());
    const accepted = changes && answer.status < 300;
    const service = services.at(new URL(request.url).pathname);
    if (accepted && service !== undefined) deps.onEffect(effectOf(service, request));
    if (settled || accepted) await deps.changed();
    return stamped(context, answer, requestId);
  }

  async function probe(request: HttpRequest): Promise<HttpResponse> {
    settle(context);
    const answer = answerProbe(context, request);
    await deps.changed();
    return stamped(context, answer, `req-${uuid(context.random)}`);
  }

  return {
    handle,
    probe,
    settle: () => settle(context),
    snapshot: () => structuredClone(context.state),
    restore: (state) => {
      context.state = cloudStateSchema.parse(structuredClone(state));
    },
    fault(name, on) {
      settle(context);
      switchFault(context, name, on);
    },
    disk(at, given) {
      settle(context);
      return given ? giveDisk(context, at) : takeDisk(context, at);
    },
    rows: (volumes) => replaceRows(context, volumes),
    restart(binary) {
      settle(context);
      restart(context, binary);
    },
  };
}

function effectOf({ target }: Service, { method, url, body = '' }: HttpRequest) {
  const { pathname, search } = new URL(url);
  const path = `${pathname}${search}`;
  return { target, method: method.toUpperCase(), path, bodyHash: sha256(body) };
}

function stamped(context: CloudContext, answer: HttpResponse, requestId: string): HttpResponse {
  const stamps = {
    'x-openstack-request-id': requestId,
    'x-simulator': 'true',
    date: new Date(wallTime(context, context.clock.now())).toUTCString(),
  };
  return { ...answer, headers: { ...answer.headers, ...stamps } };
}
