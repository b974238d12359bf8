import { afterEach, describe, expect, test } from '@jest/globals';
import { BAD_DAY } from './scenarios/bad-day.js';
import { LOST_RUNNERS } from './scenarios/lost-runners.js';
import { NETWORK } from './scenarios/network.js';
import { PLAIN } from './scenarios/plain.js';
import type { Scenario } from './scenarios/scenario.js';
import { SERVER_AND_DATABASE } from './scenarios/server-and-database.js';
import { Installation } from './support/installation.js';
import { ScenarioRun } from './support/scenario-run.js';

let installation: Installation | null = null;

afterEach(async () => {
  await installation?.stop();
  installation = null;
});

describe.each([
  ['plain', PLAIN],
  ['lost runners', LOST_RUNNERS],
  ['server and database', SERVER_AND_DATABASE],
  ['network', NETWORK],
  ['a bad day', BAD_DAY],
] as const)('%s', (_group, scenarios) => {
  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (_name, scenario) => {
    installation = await Installation.start(scenario.installation);
    const job = await play(installation, scenario);

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

async function play(target: Installation, scenario: Scenario) {
  try {
    return await new ScenarioRun(target, scenario).play();
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${target.tails()}`, { cause: error });
  }
}
