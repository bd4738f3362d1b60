/** Who asks: the user and project of the token, and whether policy counts them as administrator. */
import type { CloudContext } from './state.ts';
import type { Ask } from './wire.ts';

export interface Caller {
  readonly userId: string;
  readonly projectId: string;
  readonly admin: boolean;
}

/** Nobody in particular when the token is unknown; services turn that away before they ask. */
export function callerOf({ state }: CloudContext, ask: Ask): Caller {
  const token = state.identity.tokens.find(({ id }) => id === ask.headers['x-auth-token']);
  return {
    userId: token?.userId ?? '',
    projectId: token?.projectId ?? '',
    admin: token?.roles.includes('admin') ?? false,
  };
}
