'use client';

import type { ModuleRun } from '@dibs/shared';
import type { ReactNode } from 'react';
import { Ago, Duration } from '../../ui/times';
import { RunBeginning } from './run-beginning';
import { PlanCounts } from './run-words';
import classes from '../jobs/job-page.module.css';

export function RunFacts({ run }: { readonly run: ModuleRun }) {
  const { plan, commit, createdAt, endedAt } = run;
  return (
    <dl className={classes.facts}>
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
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
