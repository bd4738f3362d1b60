/** One request to the array: what is checked, in which order, until a route answers it. */
import type { HttpRequest, HttpResponse } from '../../http.ts';
import { type Address, addressOf } from './address.ts';
import { type ChangeDeps, perform } from './change.ts';
import { oddAnswer } from './odd.ts';
import { type Call, ownIdOf, type Parts, skewOf } from './parts.ts';
import { answers } from './port.ts';
import type { Guarded, ObjectRoutes } from './room.ts';
import { answer, bad, missing, Refusal } from './wire.ts';

export interface Desk {
  readonly parts: Parts;
  /** By type. */
  readonly routes: ReadonlyMap<string, ObjectRoutes>;
  readonly deps: ChangeDeps;
}

const version = { productName: 'Drillbook twin array', apiVersion: '1.43.0' };

export async function dispatch(desk: Desk, request: HttpRequest): Promise<HttpResponse> {
  const { parts, routes, deps } = desk;
  const url = new URL(request.url);
  const path = url.pathname.replace(/^\/ConfigurationManager/, '');
  const { method, headers } = request;
  const skew = skewOf(parts);
  const shownAt = deps.clock.now() + skew;
  if (answers(parts.faults) && parts.faults.delete('sessions-lost')) {
    parts.sessions.closeAll();
    deps.changed();
  }
  const odd = await oddAnswer(parts, { method, path, shownAt }, deps.clock);
  if (odd !== undefined) return odd;
  if (path === url.pathname) throw missing(url.pathname);
  refuseHeaders(request);
  if (path === '/configuration/version') {
    if (method !== 'GET') throw notAllowed();
    return answer(200, version, shownAt);
  }
  const address = addressOf(path, ownIdOf(parts));
  const body = bodyOf(request);
  const now = deps.clock.now();
  if (address.type === 'sessions' && address.ids.length === 0 && method === 'POST') {
    const opened = parts.sessions.open(headers['authorization'], body, now);
    deps.changed();
    return answer(200, opened, now + skew);
  }
  const session = parts.sessions.require(headers['authorization'], now);
  if (parts.sessions.keep(session)) deps.changed();
  const type = routes.get(address.type);
  if (type === undefined) throw missing(path);
  const { ids } = address;
  const call: Call = { method, path, ids, query: url.searchParams, headers, body, now, session };
  if (method === 'GET') {
    const fresh = () => read(parts, { type, address, call });
    return answer(200, parts.cache.answer(call, fresh), now + skew);
  }
  if (address.type === 'sessions') {
    closeSession(parts, call);
    deps.changed();
    return answer(200, {}, now + skew);
  }
  return await perform(parts, { call, request, guarded: guardedOf(type, address, method) }, deps);
}

const notAllowed = () => new Refusal(405, { message: 'The method is not allowed.' });

/** 406, 411, 415 and 417: what the headers alone decide. */
function refuseHeaders({ headers, body }: HttpRequest): void {
  const accept = headers['accept'] ?? '*/*';
  if (!/(\*\/\*|application\/(json|\*))/.test(accept)) {
    throw new Refusal(406, { message: 'The media type in Accept is not supported.' });
  }
  const chunked = headers['transfer-encoding'] !== undefined;
  if (chunked && headers['content-length'] === undefined) {
    throw new Refusal(411, { message: 'Content-Length is required.' });
  }
  if (headers['expect'] !== undefined && headers['expect'].toLowerCase() !== '100-continue') {
    throw new Refusal(417, { message: 'The value of Expect is not supported.' });
  }
  const typed = (headers['content-type'] ?? '').startsWith('application/json');
  if (body !== undefined && body !== '' && !typed) {
    throw new Refusal(415, { message: 'Content-Type must be application/json.' });
  }
}

function bodyOf({ body }: HttpRequest): unknown {
  if (body === undefined || body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    throw bad('The body is not valid JSON.');
  }
}

interface Reading {
  readonly type: ObjectRoutes;
  readonly address: Address;
  readonly call: Call;
}

function read(parts: Parts, { type, address, call }: Reading): unknown {
  if (address.action !== undefined) {
    const action = actionOf(type, address.action);
    if (action === undefined) throw missing(call.path);
    if (address.invoke) throw notAllowed();
    return action.template?.(parts, call) ?? { parameters: {} };
  }
  const route = address.ids.length === 0 ? type.list : type.one;
  if (route === undefined) throw notAllowed();
  return route(parts, call);
}

function actionOf({ actions = {} }: ObjectRoutes, name: string): Guarded | undefined {
  return Object.hasOwn(actions, name) ? actions[name] : undefined;
}

function guardedOf(type: ObjectRoutes, address: Address, method: string): Guarded {
  const { action, ids, invoke } = address;
  if (action !== undefined) {
    const found = actionOf(type, action);
    if (found === undefined) throw missing(`action ${action}`);
    if (!invoke || !['POST', 'PUT'].includes(method)) throw notAllowed();
    return found;
  }
  const found =
    ids.length === 0
      ? method === 'POST' && type.create
      : ((method === 'PATCH' || method === 'PUT') && type.modify) ||
        (method === 'DELETE' && type.remove);
  if (!found) throw notAllowed();
  return found;
}

/** Sessions of others are ended by `force` alone; the lock of a session ends with it. */
function closeSession({ sessions }: Parts, { method, ids, body, now, session }: Call): void {
  if (method !== 'DELETE' || ids.length === 0) throw notAllowed();
  const gone = sessions.list(now).find(({ sessionId }) => String(sessionId) === ids.join(','));
  if (gone === undefined) throw missing(`session ${ids.join(',')}`);
  const force = body !== undefined && forceOf(body);
  if (gone !== session && gone.userId !== session.userId && !force) {
    throw new Refusal(403, { message: 'The session belongs to another user.' });
  }
  sessions.close(gone);
}

function forceOf(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) throw bad('The body is not valid.');
  const { force, ...rest } = body as { force?: unknown };
  if (Object.keys(rest).length > 0) throw bad('Only force can be given.');
  if (force !== undefined && typeof force !== 'boolean')
    throw bad('The value of force is not valid.');
  return force ?? false;
}
