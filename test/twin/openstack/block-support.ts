/** Cinder as its own clients talk to it: relative paths, the newest microversion. */
import { type call, cloudUnderTest, PROJECT, type Rig, session } from './support.ts';

export type Cinder = (
  line: string,
  body?: unknown,
  minor?: number,
) => Promise<Awaited<ReturnType<typeof call>>>;

export async function cinder(
  rig: Pick<Rig, 'cloud'>,
  { user = 'drillbook', project = 'drillbook', projectId = PROJECT } = {},
): Promise<Cinder> {
  const api = await session(rig, { user, project });
  return (line, body, minor = 70) => {
    const [method, path] = line.split(' ');
    return api(`${method} /volume/v3/${projectId}${path}`, body, `volume 3.${minor}`);
  };
}

export async function cinderUnderTest() {
  const rig = cloudUnderTest();
  return { ...rig, api: await cinder(rig) };
}

/** Asks for a volume and waits until it is there; its id. */
export async function volume(
  { api, clock }: Awaited<ReturnType<typeof cinderUnderTest>>,
  wish: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { body } = await api('POST /volumes', { volume: { size: 1, ...wish } });
  clock.advance(5_000);
  return body.volume.id;
}

export const shown = async (api: Cinder, id: string) =>
  (await api(`GET /volumes/${id}`)).body?.volume;

export const act = (api: Cinder, id: string, body: unknown, minor?: number) =>
  api(`POST /volumes/${id}/action`, body, minor);
