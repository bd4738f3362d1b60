/** Tokens end by themselves. */
import type { CloudContext } from '../state.ts';

export function settleIdentity({ state }: CloudContext, now: number): void {
  const { identity } = state;
  identity.tokens = identity.tokens.filter((token) => token.expiresAt > now);
}
