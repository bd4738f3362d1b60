/** Who may knock: signed by a trusted control plane, for this gateway, now, and only once. */
import type { HttpRequest } from '../../http.ts';
import { GatewayError } from '../errors.ts';
import { verifyRequest } from '../signatures.ts';
import type { Parts } from './gateway.ts';

const WINDOW_MS = 300_000;

export interface Guardian {
  /** Throws GW-SIGNATURE, GW-ADDRESS, GW-CLOCK, GW-STALE or GW-REPLAY. */
  admit(request: HttpRequest): Promise<void>;
}

/**
 * Nonces are remembered as long as their messages could be accepted. The memory is empty after a
 * start, so what was signed before it is refused as well.
 */
export function openGuardian({ folder, clock }: Pick<Parts, 'folder' | 'clock'>): Guardian {
  const startedAt = clock.now();
  const seen = new Map<string, number>();
  const { host, port } = folder.settings.listen;
  const keys = new Map(folder.trust.controlPlanes.map((one) => [one.id, one.publicKey]));
  const own = new URL(`http://${host.includes(':') ? `[${host}]` : host}:${port}`).origin;

  function remember(message: string, createdMs: number): void {
    for (const [old, at] of seen) {
      if (at >= clock.now() - WINDOW_MS - 1000) break;
      seen.delete(old);
    }
    seen.set(message, createdMs);
  }

  return {
    admit: async (request) => {
      const signed = await verifyRequest(request, (keyId) => keys.get(keyId));
      if (!signed.ok) throw new GatewayError('GW-SIGNATURE', `Not believed: ${signed.why}.`);
      if (new URL(request.url).origin !== own) {
        throw new GatewayError('GW-ADDRESS', `The message is for ${new URL(request.url).origin}.`);
      }
      const { createdMs } = signed;
      const offsetMs = clock.now() - createdMs;
      if (Math.abs(offsetMs) > WINDOW_MS) {
        const why = `The clocks are ${Math.round(offsetMs / 1000)} s apart, or it was kept back.`;
        throw new GatewayError('GW-CLOCK', 'The message is outside the window.', { why });
      }
      if (createdMs <= startedAt) {
        throw new GatewayError('GW-STALE', 'The message may be older than this process.');
      }
      const message = `${signed.keyId} ${signed.nonce}`;
      if (seen.has(message)) throw new GatewayError('GW-REPLAY', 'The message was here before.');
      remember(message, createdMs);
    },
  };
}
