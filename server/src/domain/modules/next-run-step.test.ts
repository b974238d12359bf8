import { describe, expect, test } from '@jest/globals';
import {
  JOB_STATES,
  RUN_OPERATIONS,
  RUN_STATES,
  TERMINAL_JOB_STATES,
  isTerminal,
  type PlanSummary,
} from '@dibs/shared';
import { nextRunStep, type RunFacts, type RunJob } from './next-run-step.js';
import { RUN_BEGINNINGS, RUN_TRANSITIONS, isRunOver } from './run-state-machine.js';

const PLAN: PlanSummary = { add: 1, change: 0, destroy: 0, hasChanges: true, sha256: '0'.repeat(64) };
const run = (facts: Partial<RunFacts> = {}): RunFacts => ({
  ...{ operation: 'apply', state: 'planning', approvalRule: 'changes', cancelRequested: false },
  ...facts,
});
const job = (facts: Partial<RunJob> = {}): RunJob => ({
  ...{ state: 'succeeded', reason: 'completed', cancelRequested: false, plan: PLAN },
  ...facts,
});

describe('a run', () => {
  test('waits for its job, whatever it is for', () => {
    for (const operation of RUN_OPERATIONS) {
      for (const state of JOB_STATES.filter((each) => !isTerminal(each))) {
        const facts = run({ operation, state: RUN_BEGINNINGS[operation].state });
        expect(nextRunStep(facts, job({ state, plan: null }))).toEqual({ kind: 'wait' });
        const canceled = { ...facts, cancelRequested: true };
        expect(nextRunStep(canceled, job({ state }))).toEqual({ kind: 'cancel_job' });
        expect(nextRunStep(canceled, job({ state, cancelRequested: true }))).toEqual({ kind: 'wait' });
      }
    }
  });

  test('ends as a job that did not succeed, with its reason', () => {
    for (const state of TERMINAL_JOB_STATES.filter((each) => each !== 'succeeded')) {
      const expected = state === 'canceled' ? 'canceled' : 'failed';
      const step = nextRunStep(run(), job({ state, reason: 'step_failed' }));
      expect(step).toEqual({ kind: 'end', state: expected, reason: 'step_failed' });
    }
  });

  test('of one job succeeds with it', () => {
    for (const operation of ['validate', 'plan', 'outputs', 'unlock'] as const) {
      const step = nextRunStep(run({ operation, state: RUN_BEGINNINGS[operation].state }), job());
      expect(step).toEqual({ kind: 'end', state: 'succeeded', reason: 'completed' });
    }
    const applied = nextRunStep(run({ state: 'applying', cancelRequested: true }), job({ plan: null }));
    expect(applied).toEqual({ kind: 'end', state: 'succeeded', reason: 'completed' });
  });

  test.each(['apply', 'destroy'] as const)('that is to %s goes on with what was planned', (operation) => {
    const after = (facts: Partial<RunFacts>, plan: PlanSummary | null) =>
      nextRunStep(run({ operation, ...facts }), job({ plan }));
    expect(after({}, PLAN)).toEqual({ kind: 'ask_for_approval' });
    expect(after({ approvalRule: 'never' }, PLAN)).toEqual({ kind: 'apply' });
    expect(after({ approvalRule: 'always' }, { ...PLAN, add: 0, hasChanges: false })).toMatchObject({
      state: 'succeeded',
    });
    expect(after({}, null)).toEqual({ kind: 'end', state: 'failed', reason: 'plan_unavailable' });
    expect(after({ cancelRequested: true }, PLAN)).toEqual({ kind: 'end', state: 'canceled', reason: 'canceled' });
  });

  test('fails when its job is gone, and a plan that waits is kept until somebody decides', () => {
    expect(nextRunStep(run(), null)).toMatchObject({ kind: 'end', state: 'failed' });
    expect(nextRunStep(run({ state: 'awaiting_approval' }), job())).toEqual({ kind: 'wait' });
    expect(nextRunStep(run({ state: 'awaiting_approval' }), null)).toMatchObject({ reason: 'plan_unavailable' });
  });

  test('never takes a step that the table does not have', () => {
    const target = { ask_for_approval: 'awaiting_approval', apply: 'applying' } as const;
    for (const state of RUN_STATES) {
      for (const operation of RUN_OPERATIONS) {
        for (const each of [null, ...JOB_STATES.map((jobState) => job({ state: jobState }))]) {
          const step = nextRunStep(run({ state, operation }), each);
          if (isRunOver(state)) expect(step.kind).toBe('wait');
          if (step.kind === 'wait' || step.kind === 'cancel_job') continue;
          expect(RUN_TRANSITIONS[state]).toContain(step.kind === 'end' ? step.state : target[step.kind]);
        }
      }
    }
  });
});
