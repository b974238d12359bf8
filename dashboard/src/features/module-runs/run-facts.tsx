'use client';

import type { ModuleRun } from '@dibs/shared';
import { Fact, Facts } from '../../ui/facts';
import { Ago, Duration } from '../../ui/times';
import { RunBeginning } from './run-beginning';
import { PlanCounts } from './run-words';

export function RunFacts({ run }: { readonly run: ModuleRun }) {
  const { plan, commit, createdAt, endedAt } = run;
  return (
    <Facts>
      {plan && (
        <Fact name="Plan">
          <PlanCounts plan={plan} />
        </Fact>
      )}
      <Fact name="Started">
        <Ago at={createdAt} /> <RunBeginning run={run} />
      </Fact>
      <Fact name={endedAt === null ? 'Since then' : 'Took'}>
        <Duration from={createdAt} to={endedAt} />
      </Fact>
      {commit !== null && (
        <Fact name="Commit">
          <span title={commit}>{commit.slice(0, 12)}</span>
        </Fact>
      )}
    </Facts>
  );
}
