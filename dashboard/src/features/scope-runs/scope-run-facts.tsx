import type { ScopeRun } from '@dibs/shared';
import { Fact, Facts } from '../../ui/facts';
import { Ago, Duration } from '../../ui/times';
import { progressOf } from './scope-run-progress';

export function ScopeRunFacts({ run }: { readonly run: ScopeRun }) {
  const { counts, onFailure, createdBy, createdAt, endedAt } = run;
  return (
    <Facts>
      <Fact name="Modules">{progressOf(counts)}</Fact>
      <Fact name="Started">
        <Ago at={createdAt} /> by <bdi>{createdBy}</bdi>
      </Fact>
      <Fact name={endedAt === null ? 'Since then' : 'Took'}>
        <Duration from={createdAt} to={endedAt} />
      </Fact>
      <Fact name="When a module fails">{onFailure === 'stop' ? 'it stops' : 'it goes on with the others'}</Fact>
    </Facts>
  );
}
