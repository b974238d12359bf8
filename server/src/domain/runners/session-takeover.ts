/** What the database knows about the session an instance has, when another process of the same name says hello. */
export interface ExistingSession {
  readonly bootId: string;
  /** null: no connection. */
  readonly sessionId: string | null;
  /** Milliseconds since it was last heard of, by the database clock. */
  readonly silentMs: number;
}

/** `dead`: its socket is held by this server and did not answer. `elsewhere`: this server does not hold it. */
export type SocketHealth = 'alive' | 'dead' | 'elsewhere';

export type Takeover =
  | { readonly kind: 'accept' }
  /** Somebody else is alive under this name. */
  | { readonly kind: 'refuse'; readonly retryAfterMs: number };

/**
 * One live session for each (runner, instance). The same process (boot id) always replaces its older socket, which it
 * has given up. Another process must wait until the older one is certainly gone: two processes of one name would
 * share one identity, one journal and one set of attempts.
 */
export function decideTakeover(
  existing: ExistingSession | null,
  bootId: string,
  health: SocketHealth,
  offlineAfterMs: number,
): Takeover {
  if (existing === null || existing.sessionId === null || existing.bootId === bootId) return { kind: 'accept' };
  if (health === 'dead') return { kind: 'accept' };
  if (health === 'alive') return { kind: 'refuse', retryAfterMs: offlineAfterMs };
  const leftMs = offlineAfterMs - existing.silentMs;
  return leftMs <= 0 ? { kind: 'accept' } : { kind: 'refuse', retryAfterMs: Math.ceil(leftMs) };
}
