import type { ScopeRun } from '@dibs/shared';

/** As in `2 of 5 modules done, 1 failed, 2 skipped`. */
export function progressOf(counts: ScopeRun['counts']): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const others = (['failed', 'skipped', 'canceled'] as const).filter((state) => counts[state] > 0);
  return [
    `${counts.succeeded} of ${total} ${total === 1 ? 'module' : 'modules'} done`,
    ...others.map((state) => `${counts[state]} ${state}`),
  ].join(', ');
}
