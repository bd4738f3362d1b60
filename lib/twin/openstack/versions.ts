/** The version documents a client finds its way by; they need no token. */
import type { HttpResponse } from '../../http.ts';
import type { CloudContext } from './state.ts';
import { json, type VersionRange } from './wire.ts';

export const cinderVersions: VersionRange = { service: 'volume', major: 3, min: 0, max: 70 };

export function volumeVersion({ baseUrl }: CloudContext) {
  return {
    id: 'v3.0',
    status: 'CURRENT',
    version: `3.${cinderVersions.max}`,
    min_version: '3.0',
    updated: '2022-08-31T00:00:00Z',
    links: [
      { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
      { rel: 'self', href: `${baseUrl()}/volume/v3/` },
    ],
    'media-types': [
      { base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' },
    ],
  };
}

const computeVersion = ({ baseUrl }: CloudContext, { max }: VersionRange) => ({
  id: 'v2.1',
  status: 'CURRENT',
  version: `2.${max}`,
  min_version: '2.1',
  updated: '2013-07-23T11:33:21Z',
  links: [{ rel: 'self', href: `${baseUrl()}/compute/v2.1/` }],
  'media-types': [
    { base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' },
  ],
});

const networkVersion = ({ baseUrl }: CloudContext) => ({
  id: 'v2.0',
  status: 'CURRENT',
  links: [{ rel: 'self', href: `${baseUrl()}/network/v2.0/` }],
});

/** Every version of Glance's API is a name for the same place. */
const imageVersions = ({ baseUrl }: CloudContext) =>
  ['v2.16', 'v2.15', 'v2.9', 'v2.7', 'v2.6', 'v2.5', 'v2.4', 'v2.3', 'v2.2', 'v2.1', 'v2.0'].map(
    (id, index) => ({
      id,
      status: index === 0 ? 'CURRENT' : 'SUPPORTED',
      links: [{ rel: 'self', href: `${baseUrl()}/image/v2/` }],
    }),
  );

/** The document at a path, or undefined when there is none. */
export function versionDocument(
  context: CloudContext,
  path: string,
  nova: VersionRange,
): HttpResponse | undefined {
  switch (path.replace(/\/$/, '')) {
    case '/volume':
      return json(300, { versions: [volumeVersion(context)] });
    case '/compute':
      return json(200, { versions: [computeVersion(context, nova)] });
    case '/compute/v2.1':
      return json(200, { version: computeVersion(context, nova) });
    case '/network':
      return json(200, { versions: [networkVersion(context)] });
    case '/image':
      return json(300, { versions: imageVersions(context) });
    case '/image/versions':
      return json(200, { versions: imageVersions(context) });
    default:
      return undefined;
  }
}
