import { HELD_BACK_VERDICTS, type ExplainVerdict, type RunnerExplanation } from '@dibs/shared';

/** Runners that are free cannot take what is held back by something else: that they could is all there is to say. */
export function inViewOf(verdict: ExplainVerdict, runners: readonly RunnerExplanation[]): readonly RunnerExplanation[] {
  if (!HELD_BACK_VERDICTS.has(verdict)) return runners;
  return runners.map((runner) =>
    runner.rule === null && runner.getsChild !== true
      ? { ...runner, text: 'It could take the job if that were not held back.' }
      : runner,
  );
}
