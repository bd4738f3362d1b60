/**
 * Guests on the LDEVs of one array. A writer of the load stands for the guests of its volumes: it
 * writes while on each of them a guest runs and a path leads there from its host.
 */
import { quietOn, type Writers } from './data/writers.ts';
import type { Mapping } from './mapping.ts';

interface GuestsDeps {
  readonly array: string;
  readonly mapping: Mapping;
  readonly writers: Writers;
  /** Whether a host reaches the data through another array (an active-active device). */
  elsewhere(ldevId: number, host: string): boolean;
}

/** Host by guest, for each LDEV that ever had one. */
type Users = Map<number, Map<string, string>>;

export type GuestsState = readonly (readonly [number, readonly (readonly [string, string])[]])[];

const noPathTo = (ldevId: number): string => `no path ${ldevId}`;

export class Guests {
  readonly #deps: GuestsDeps;
  #users: Users = new Map();

  constructor(deps: GuestsDeps) {
    this.#deps = deps;
  }

  /** A guest on a host uses an LDEV from now on; no host = it does no longer. */
  use(ldevId: number, { guest, host }: { guest: string; host: string | null }, at: number): void {
    const users = this.#users.get(ldevId) ?? new Map<string, string>();
    if (host === null) users.delete(guest);
    else users.set(guest, host);
    this.#users.set(ldevId, users);
    this.follow(ldevId, at);
  }

  /** Paths of an LDEV have come or gone: its writers stop, or go on. */
  follow(ldevId: number, at: number): void {
    const hosts = [...(this.#users.get(ldevId)?.values() ?? [])];
    if (!this.#users.has(ldevId)) return;
    const cut = hosts.length > 0 && !hosts.some((host) => this.reaches(ldevId, host));
    const { writers, array } = this.#deps;
    for (const { writer } of writers.on(array, ldevId)) {
      writers.turn(writer, { reason: quietOn(ldevId), stands: hosts.length === 0 }, at);
      writers.turn(writer, { reason: noPathTo(ldevId), stands: cut }, at);
    }
  }

  reaches(ldevId: number, host: string): boolean {
    const { mapping, elsewhere } = this.#deps;
    return mapping.leadsFrom(host, ldevId) || elsewhere(ldevId, host);
  }

  snapshot(): GuestsState {
    return [...this.#users].map(([ldevId, users]) => [ldevId, [...users]] as const);
  }

  restore(saved: GuestsState): void {
    this.#users = new Map(saved.map(([ldevId, users]) => [ldevId, new Map(users)]));
  }
}
