/** Volumes as the contract tests need them: made, waited for, taken away again. */
import { type Caller, eventually, type Site } from './site.ts';
import { type Answer, at, textAt } from './wire.ts';

/** Waits for a status; throws when the volume comes to `error` instead. */
export function statusOf(site: Site, cinder: Caller, id: string, wanted: string): Promise<Answer> {
  const look = () => cinder(`GET /volumes/${id}`);
  return eventually(site, look, (answer) => {
    const status = at(answer, '/volume/status');
    if (status === 'error' && wanted !== 'error') throw new Error(`volume ${id} is in error`);
    return status === wanted;
  });
}

/** Waits until nobody knows it any more; the last answer. */
export const gone = (site: Site, cinder: Caller, id: string): Promise<Answer> =>
  eventually(
    site,
    () => cinder(`GET /volumes/${id}`),
    ({ status }) => status === 404,
  );

/** Id of a new volume of 1 GiB in `available`; `more` goes into its wish. */
export async function makeVolume(site: Site, cinder: Caller, more: object = {}): Promise<string> {
  const wish = { size: 1, volume_type: 'plain', name: 'contract', ...more };
  const id = textAt(await cinder('POST /volumes', { body: { volume: wish } }), '/volume/id');
  await statusOf(site, cinder, id, 'available');
  return id;
}

/** However it stands: its status is set first, so that a failed test leaves nothing behind. */
export async function removeVolume(site: Site, cinder: Caller, id: string): Promise<void> {
  const body = { 'os-reset_status': { status: 'available', attach_status: 'detached' } };
  const reset = await cinder(`POST /volumes/${id}/action`, { body });
  if (reset.status === 404) return;
  await cinder(`DELETE /volumes/${id}`);
  await gone(site, cinder, id);
}
