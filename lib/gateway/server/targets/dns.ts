/**
 * Names as users of the service find them: asked of the site's resolver, or read from a zone file of
 * this folder. Only names on the list are looked up, and nothing is kept between two looks.
 */
import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod';
import { canonical } from '../../../canonical.ts';
import type { HttpResponse } from '../../../http.ts';
import { GatewayError } from '../../errors.ts';
import type { Target } from './target.ts';

const hostName = z
  .string()
  .regex(/^[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)+$/, 'a host name');

export const dnsSettingsSchema = z
  .strictObject({
    names: z.array(hostName).min(1),
    /** `address` or `address:port`; without it the machine's own. */
    servers: z.array(z.string()).min(1).optional(),
    /** Instead of a server: a file of lines `<name>. 60 IN A|AAAA|CNAME <value>`. */
    zone: z.string().optional(),
  })
  .refine(({ servers, zone }) => servers === undefined || zone === undefined, {
    message: 'either servers or a zone, not both',
  });
export type DnsSettings = z.infer<typeof dnsSettingsSchema>;

/** What a name stands for: other names, and addresses. */
interface Found {
  readonly aliases: readonly string[];
  readonly addresses: readonly string[];
}

/** `GET /<name>` answers `{name, aliases, addresses}`, or 404 where the name stands for nothing. */
export function dnsTarget(settings: DnsSettings, home: string): Target {
  const look =
    settings.zone === undefined ? asked(settings) : written(resolve(home, settings.zone));
  return {
    get: async (path) => {
      const name = path.slice(1);
      return answer(name, await look(name));
    },
    enter: async () => {
      throw new GatewayError('GW-TARGET', 'Names are looked up and never changed here.');
    },
    close: async () => {},
  };
}

function answer(name: string, { aliases, addresses }: Found): HttpResponse {
  const status = aliases.length + addresses.length === 0 ? 404 : 200;
  const body = canonical({ name, aliases: [...aliases].sort(), addresses: [...addresses].sort() });
  return { status, headers: { 'content-type': 'application/json' }, body };
}

const QUERY_LIMIT_MS = 3_000;
const QUERY_TRIES = 2;

type Look = (name: string) => Promise<Found>;

function asked({ servers }: DnsSettings): Look {
  return async (name) => {
    // A new one each time: none remembers what it was told a minute ago.
    const resolver = new Resolver({ timeout: QUERY_LIMIT_MS, tries: QUERY_TRIES });
    if (servers !== undefined) resolver.setServers(servers);
    const [aliases, four, six] = await Promise.all([
      orNone(resolver.resolveCname(name)),
      orNone(resolver.resolve4(name)),
      orNone(resolver.resolve6(name)),
    ]);
    return { aliases: aliases.map(bare), addresses: [...four, ...six] };
  };
}

/** The server said that there is nothing of this kind; silence and failures are no such word. */
const NONE = ['ENODATA', 'ENOTFOUND'];

async function orNone(query: Promise<string[]>): Promise<string[]> {
  try {
    return await query;
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    if (NONE.includes(code)) return [];
    throw new GatewayError('GW-TARGET-SILENT', 'dns gave no answer.', { why: code, cause });
  }
}

const RECORD = /^(\S+)\s+(?:\d+\s+)?IN\s+(A|AAAA|CNAME)\s+(\S+)\s*(?:;.*)?$/i;

function written(file: string): Look {
  return async (name) => {
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw new GatewayError('GW-TARGET-SILENT', 'The zone file cannot be read.', { cause });
    });
    const records = text.split('\n').flatMap((line) => {
      const [, owner = '', type = '', value = ''] = RECORD.exec(line.trim()) ?? [];
      return owner === ''
        ? []
        : [{ owner: bare(owner), alias: /^cname$/i.test(type), value: bare(value) }];
    });
    const of = (owner: string, alias: boolean): string[] =>
      records.filter((one) => one.owner === owner && one.alias === alias).map(({ value }) => value);
    const aliases = of(name, true);
    return { aliases, addresses: [name, ...aliases].flatMap((one) => of(one, false)) };
  };
}

/** Without the dot at its end, as people write it. */
const bare = (name: string): string => name.toLowerCase().replace(/\.$/, '');
