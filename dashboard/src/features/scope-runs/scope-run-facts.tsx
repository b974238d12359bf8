import type { ScopeRun } from '@dibs/shared';
import type { ReactNode } from 'react';
import { Ago, Duration } from '../../ui/times';
import { progressOf } from './scope-run-progress';
import classes from '../jobs/job-page.module.css';

export function ScopeRunFacts({ run }: { readonly run: ScopeRun }) {
  const { counts, onFailure, createdBy, createdAt, endedAt } = run;
  return (
    <dl className={classes.facts}>
      <Fact name="Modules">{progressOf(counts)}</Fact>
      <Fact name="Started">
        <Ago at={createdAt} /> by <bdi>{createdBy}</bdi>
      </Fact>
      <Fact name={endedAt === null ? 'Since then' : 'Took'}>
        <Duration from={createdAt} to={endedAt} />
      </Fact>
      <Fact name="When a module fails">{onFailure === 'stop' ? 'it stops' : 'it goes on with the others'}</Fact>
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
