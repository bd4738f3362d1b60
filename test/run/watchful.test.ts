import { describe, expect, it } from '@jest/globals';
import type { Asked, Gateway } from '../../lib/gateway/protocol.ts';
import { watchful } from '../../lib/run/watchful.ts';
import { memoryStore } from '../../lib/store/memory.ts';

/** A gateway that shows what it is told to show. */
function shownBy(shown: { counter: number; incarnation: string }): Gateway {
  const never = () => Promise.reject(new Error('not asked here'));
  return {
    site: 'dr',
    register: never,
    approve: never,
    put: never,
    skip: never,
    announce: never,
    journal: never,
    read: never,
    ask: async (): Promise<Asked> => ({ state: 'void', counter: shown.counter }),
    health: async () => ({
      site: 'dr',
      version: 1,
      ...shown,
      nowMs: 0,
      keyId: 'k',
      drillable: { copyGroups: [], ldevs: [], volumes: [], networks: [] },
      targets: [],
    }),
  };
}

const forgot = { code: 'RUN-GATEWAY-FORGOT' };

describe('a gateway that is watched', () => {
  it('is believed while its counter does not fall', async () => {
    const shown = { counter: 5, incarnation: 'a' };
    const gateway = watchful(shownBy(shown), memoryStore());
    await gateway.health();
    await gateway.ask('k');
    shown.counter = 9;
    await expect(gateway.ask('k')).resolves.toMatchObject({ state: 'void' });
  });

  it('is not believed once it shows less, and not when it shows as much again', async () => {
    const shown = { counter: 9, incarnation: 'a' };
    const gateway = watchful(shownBy(shown), memoryStore());
    await gateway.health();
    shown.counter = 8;
    await expect(gateway.ask('k')).rejects.toMatchObject(forgot);
    await expect(gateway.health()).rejects.toMatchObject(forgot);
    shown.counter = 8;
    await expect(gateway.ask('k')).rejects.toMatchObject(forgot);
  });

  it('that was born anew is not believed, however much it shows', async () => {
    const shown = { counter: 9, incarnation: 'a' };
    const gateway = watchful(shownBy(shown), memoryStore());
    await gateway.health();
    Object.assign(shown, { counter: 20, incarnation: 'b' });
    await expect(gateway.health()).rejects.toMatchObject(forgot);
  });

  it('is compared with what any worker saw, since this one last looked', async () => {
    const store = memoryStore();
    const shown = { counter: 3, incarnation: 'a' };
    const idle = watchful(shownBy(shown), store);
    const busy = watchful(shownBy(shown), store);
    await idle.health();
    shown.counter = 30;
    await busy.health();
    shown.counter = 10;
    await expect(idle.health()).rejects.toMatchObject(forgot);
    await expect(watchful(shownBy(shown), store).ask('k')).rejects.toMatchObject(forgot);
  });
});
