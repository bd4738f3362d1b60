/** Who may knock: signed by a trusted control plane, for this gateway, now, and only once. */
import type { HttpRequest } from '../../http.ts';
import { GatewayError } from '../errors.ts';
import { fingerprint } from '../keys.ts';
import { verifyRequest } from '../signatures.ts';
import { compareSeen, seenIn } from './arming.ts';
import type { Parts } from './gateway.ts';
import { openNonces, WINDOW_MS } from './nonces.ts';
import { ownOrigin } from './settings.ts';

/** Whose key signed a message. */
export type Caller =
  | { readonly kind: 'control'; readonly id: string }
  | { readonly kind: 'peer'; readonly site: string };

export interface Guardian {
  /** Resolves with who knocks. Throws GW-SIGNATURE, GW-ADDRESS, GW-CLOCK, GW-STALE or GW-REPLAY. */
  admit(request: HttpRequest): Promise<Caller>;
}

/**
 * Nonces are remembered as long as their messages could be accepted. The memory is empty after a
 * start, so what was signed before it is refused as well.
 */
export function openGuardian(parts: Pick<Parts, 'folder' | 'clock' | 'book' | 'say'>): Guardian {
  const { folder, clock } = parts;
  const startedAt = clock.now();
  const nonces = openNonces(clock);
  // Looked up each time: two people may change whom it believes while it runs.
  const keyOf = (id: string) =>
    (folder.trust.controlPlanes.find((one) => one.id === id) ?? peerOf(folder, id))?.publicKey;
  const own = ownOrigin(folder.settings.listen);

  return {
    admit: async (request) => {
      const signed = verifyRequest(request, keyOf);
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
      nonces.first(`${signed.keyId} ${signed.nonce}`, createdMs);
      const told = seenIn(request);
      if (told !== undefined) await compareSeen(parts, told, signed.keyId);
      const peer = peerOf(folder, signed.keyId);
      const isControl = folder.trust.controlPlanes.some(({ id }) => id === signed.keyId);
      if (isControl || peer === undefined) return { kind: 'control', id: signed.keyId };
      return { kind: 'peer', site: peer.site };
    },
  };
}

/** A gateway signs with the fingerprint of its key as its name. */
const peerOf = ({ trust }: Parts['folder'], keyId: string) =>
  trust.peers.find(({ publicKey }) => fingerprint(publicKey) === keyId);
