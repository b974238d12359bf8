import { afterAll, describe, expect, test } from '@jest/globals';
import { BAD_DAY } from './scenarios/bad-day.js';
import { COMING_BACK } from './scenarios/coming-back.js';
import { LOST_RUNNERS } from './scenarios/lost-runners.js';
import { NETWORK } from './scenarios/network.js';
import { PLAIN } from './scenarios/plain.js';
import type { Scenario } from './scenarios/scenario.js';
import { ScenarioRun } from './support/scenario-run.js';
import { Stage } from './support/stage.js';

afterAll(() => Stage.clear());

describe.each([
  ['plain', PLAIN],
  ['lost runners', LOST_RUNNERS],
  ['network', NETWORK],
  ['coming back', COMING_BACK],
  ['a bad day', BAD_DAY],
] as const)('%s', (_group, scenarios) => {
  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (_name, scenario) => {
    const { job, installation } = await play(scenario);

    const { state, reason, attempts, lines, overlapExcused } = scenario.expect;
    expect(await installation.judge(job, overlapExcused)).toEqual([]);
    expect({ state: job.state, reason: job.reason, attempts: job.attempts.length }).toEqual({
      state,
      reason: reason ?? job.reason,
      attempts,
    });
    if (lines !== undefined) {
      const rows = await installation.api.log(job.id, attempts);
      expect(rows.filter((row) => row.stream === 'stdout')).toHaveLength(lines);
      expect(job.attempts.at(-1)!.logComplete).toBe(true);
    }
  });
});

async function play(scenario: Scenario) {
  const stage = await Stage.for(scenario.installation);
  const { installation } = stage;
  try {
    return { job: await new ScenarioRun(stage, scenario).play(), installation };
  } catch (error) {
    const tails = installation.tails();
    await Stage.clear();
    throw new Error(`${(error as Error).message}\n${tails}`, { cause: error });
  }
}
