import type { AuditEventView } from '@dibs/shared';
import { keys } from './keys';
import { usePages } from './pages';

export interface AuditFilter {
  /** Id; empty: whoever. */
  readonly actor: string;
  /** Separated by commas; empty: all. */
  readonly action: string;
  /** Moments in ISO 8601; empty: without bound. */
  readonly from: string;
  readonly to: string;
}

const POLL_EVERY_MS = 15_000;

/** Newest first. */
export function useAudit(filter: AuditFilter) {
  return usePages<AuditEventView>(keys.audit(filter), '/audit', { query: { ...filter }, pollEveryMs: POLL_EVERY_MS });
}
