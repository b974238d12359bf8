import type { EffectiveSettings, GitSourceSpec } from '@dibs/shared';

export interface SourceFacts {
  /** What the source is now. */
  readonly resolved: string;
  /** What has begun a run before, or was found to be the commit of the last one; null: nothing yet. */
  readonly handled: string | null;
  /** Of the last run of apply that knows its commit; null: there is none. */
  readonly lastRun: string | null;
  /** A run of apply is about to find out by itself which commit it takes. */
  readonly isPlanning: boolean;
}

/**
 * What follows from the commit that a source is now. `run`: a run is to begin; `known`: it was run with; `later`: that cannot
 * be said before the run that is under way tells its commit.
 *
 * A commit begins one run, however that ends: somebody who rejects it must not be asked again every five minutes.
 */
export function sourceNews({ resolved, handled, lastRun, isPlanning }: SourceFacts): 'run' | 'known' | 'later' {
  if (resolved === handled) return 'known';
  if (isPlanning) return 'later';
  return resolved === lastRun ? 'known' : 'run';
}

const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/i;

/** The source of the module as far as it is to be looked at; null: it is not, or can never be another commit. */
export function watchedSource(
  settings: Pick<EffectiveSettings, 'source' | 'triggerOnSourceChanged'>,
): GitSourceSpec | null {
  const source = settings.source.value;
  if (!settings.triggerOnSourceChanged.value || source?.type !== 'git') return null;
  return source.revision !== null && COMMIT.test(source.revision) ? null : source;
}
