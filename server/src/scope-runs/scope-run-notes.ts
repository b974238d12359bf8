import type { ScopeRunModule } from '@dibs/shared';

const MOST_NAMED = 3;

/** @param by the modules for which a module is skipped */
export function noteOfSkipped(
  by: readonly string[],
  modules: readonly Pick<ScopeRunModule, 'moduleId' | 'path' | 'state'>[],
): string {
  const those = modules.filter(({ moduleId }) => by.includes(moduleId));
  const named = those
    .slice(0, MOST_NAMED)
    .map(({ path, state }) => `${path} ${state === 'canceled' ? 'was canceled' : 'failed'}`);
  const more = those.length - named.length;
  return `Not begun: ${named.join(', ')}${more > 0 ? `, and ${more} more` : ''}.`;
}
