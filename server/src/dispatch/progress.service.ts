import { Injectable } from '@nestjs/common';
import type { JobFinished, JobId, Refusal, Reply, ResultReply, StepFinished, StepStarted } from '@dibs/shared';
import { Database } from '../database/database.js';
import { isReasonOf } from '../domain/job/attempt-reasons.js';
import { EventBus } from '../events/event-bus.js';
import { Coalescer } from '../platform/coalescer.js';
import { isolating, unwrap, type Settled } from '../platform/isolating.js';
import { AfterFailure } from './after-failure.js';
import { AttemptOrder, type OrderKey } from './attempt-order.js';
import type { ConnectedInstance } from './connected-instance.js';
import { InstanceRegistry } from './instance-registry.js';
import { keepLogCounts } from './log-counts.sql.js';
import { LossService } from './loss.service.js';
import { LostAttemptRepository, type AfterLoss } from './lost-attempt.repository.js';
import { refused, refusedForNow } from './refusals.js';
import { ResultRepository, type FinalResult, type ResultVerdict, type ResultWritten } from './result.repository.js';
import {
  StepRepository,
  type ByInstance,
  type FinishVerdict,
  type StartVerdict,
  type StepVerdict,
} from './step.repository.js';

const DONE = { ok: true } as const;
/** After these the attempt is what it was. */
const LEAVES_CURRENT: ReadonlySet<ResultVerdict> = new Set(['gap', 'steps_missing']);
const FENCED = refused('E_FENCED', 'This attempt is over, or it is not yours.');

/** What a runner reports of an attempt it holds. Every write is conditional on the attempt and its token. */
@Injectable()
export class ProgressService {
  private readonly order = new AttemptOrder();
  private readonly starts: Coalescer<ByInstance<StepStarted>, Settled<StepVerdict<StartVerdict>>>;
  private readonly ends: Coalescer<ByInstance<StepFinished>, Settled<StepVerdict<FinishVerdict>>>;
  private readonly results: Coalescer<FinalResult, Settled<ResultWritten>>;

  constructor(
    steps: StepRepository,
    private readonly resultRepository: ResultRepository,
    private readonly lostAttempts: LostAttemptRepository,
    private readonly afterFailure: AfterFailure,
    private readonly database: Database,
    private readonly registry: InstanceRegistry,
    private readonly losses: LossService,
    private readonly bus: EventBus,
  ) {
    this.starts = new Coalescer(isolating((batch) => steps.start(batch)));
    this.ends = new Coalescer(isolating((batch) => steps.finish(batch)));
    this.results = new Coalescer(isolating((batch) => resultRepository.finish(batch)));
  }

  /** Lets the results that follow wait for this log batch. */
  besideLog<Result>(instance: ConnectedInstance, jobId: JobId, append: () => Promise<Result>): Promise<Result> {
    return this.order.beside(keyOf(instance, jobId), append);
  }

  stepStarted(instance: ConnectedInstance, message: StepStarted): Promise<Reply> {
    return this.order.after(keyOf(instance, message.jobId), async () => {
      const verdict = unwrap(await this.starts.add(by(instance, message)));
      if (verdict === 'fenced') return FENCED;
      if (verdict === 'no_such_step') return noSuchStep(message);
      this.changed(instance, message.jobId);
      return DONE;
    });
  }

  stepFinished(instance: ConnectedInstance, message: StepFinished): Promise<Reply> {
    if (message.state === 'succeeded' && message.exitCode !== 0) {
      return Promise.resolve(refused('E_VALIDATION', 'A step succeeds only with exit code 0.'));
    }
    return this.order.after(keyOf(instance, message.jobId), async () => {
      const verdict = unwrap(await this.ends.add(by(instance, message)));
      switch (verdict) {
        case 'fenced':
          return FENCED;
        case 'no_such_step':
          return noSuchStep(message);
        case 'not_started':
          return refused('E_CONFLICT', `Step ${message.step} was never started.`);
        case 'other_result':
          return refused('E_TERMINAL', `Step ${message.step} has ended with another result.`);
        case 'recorded':
          this.changed(instance, message.jobId);
          return DONE;
      }
    });
  }

  finished(instance: ConnectedInstance, message: JobFinished): Promise<ResultReply> {
    if (!isReasonOf(message.outcome, message.reason)) {
      const problem = `${message.reason} is no reason for the outcome ${message.outcome}.`;
      return Promise.resolve(refused('E_VALIDATION', problem));
    }
    return this.order.after(keyOf(instance, message.jobId), async () => {
      const written = isFinal(message)
        ? await this.finish(instance, message)
        : await this.lose(instance, by(instance, message));
      return answer(message, written);
    });
  }

  private async finish(
    instance: ConnectedInstance,
    message: JobFinished & { readonly outcome: FinalResult['outcome'] },
  ): Promise<ResultWritten> {
    const result = { ...message, instanceId: instance.identity.instanceId };
    const { instanceId, jobId, attempt } = result;
    // the runner is done with the job: its slot is given away while the result is on its way to the database
    const freed = this.registry.release(instanceId, jobId, attempt);
    let goesOn = true;
    try {
      const written = unwrap(await this.results.add(result));
      if (written.verdict === 'ended') this.ended(instance, message, written);
      const decided = written.verdict === 'undecided' ? await this.decide(instance, result) : written;
      goesOn = LEAVES_CURRENT.has(decided.verdict);
      return decided;
    } finally {
      // with the slots it had: a renewal would count them again, but much later, and without its weight
      if (goesOn && freed !== null) this.registry.holdAgain(instanceId, jobId, freed);
    }
  }

  /** The job failed by itself and says that some failures are worth another try. */
  private async decide(instance: ConnectedInstance, result: FinalResult): Promise<ResultWritten> {
    const [written, again] = await this.database.transaction(
      async (tx): Promise<readonly [ResultWritten, AfterLoss | null]> => {
        const [judged] = await this.resultRepository.judge(tx, [result]);
        if (judged!.verdict !== 'undecided') return [judged!, null];
        const tried = await this.afterFailure.tryAgain(tx, result);
        if (tried !== null) {
          await keepLogCounts(tx, result);
          return [judged!, tried];
        }
        const [ended] = await this.resultRepository.finishDecided(tx, [result]);
        return [ended!, null];
      },
    );
    if (again !== null) this.losses.tell([again]);
    if (written.verdict === 'ended') this.ended(instance, result, written);
    return written;
  }

  private ended(
    { identity, organizationId }: ConnectedInstance,
    { jobId, attempt, outcome: state, reason }: Pick<FinalResult, 'jobId' | 'attempt' | 'outcome' | 'reason'>,
    { concurrencyKey, parentId }: ResultWritten,
  ): void {
    this.registry.release(identity.instanceId, jobId, attempt);
    this.bus.publish('job.ended', { organizationId, jobId, state, reason, concurrencyKey, parentId });
    this.bus.publish('job.changed', { organizationId, jobId, state, reason });
  }

  /** The runner gives the attempt up: what follows is decided as for a lease that ran out. */
  private async lose(instance: ConnectedInstance, message: ByInstance<JobFinished>): Promise<ResultWritten> {
    const { jobId, attempt, reason } = message;
    const { instanceId } = instance.identity;
    const [written, losses] = await this.database.transaction(
      async (tx): Promise<readonly [ResultWritten, AfterLoss[]]> => {
        const [judged] = await this.resultRepository.judge(tx, [message]);
        if (judged!.verdict !== 'ended') return [judged!, []];
        await keepLogCounts(tx, message);
        return [judged!, await this.lostAttempts.end(tx, [{ jobId, attempt, instanceId }], reason)];
      },
    );
    this.losses.tell(losses);
    return written;
  }

  private changed({ organizationId }: ConnectedInstance, jobId: JobId): void {
    this.bus.publish('job.changed', { organizationId, jobId, state: 'running', reason: null });
  }
}

function keyOf({ identity }: ConnectedInstance, jobId: JobId): OrderKey {
  return `${identity.instanceId}/${jobId}`;
}

function by<Message extends object>(instance: ConnectedInstance, message: Message): ByInstance<Message> {
  return { ...message, instanceId: instance.identity.instanceId };
}

function isFinal(message: JobFinished): message is JobFinished & { readonly outcome: FinalResult['outcome'] } {
  return message.outcome !== 'lost';
}

function noSuchStep({ step }: StepStarted): Refusal {
  return refused('E_VALIDATION', `The job has no step ${step}.`);
}

function answer(message: JobFinished, { verdict, storedSeq }: ResultWritten): ResultReply {
  const replies: Record<ResultVerdict, () => ResultReply> = {
    ended: () => DONE,
    undecided: () => DONE,
    again: () => DONE,
    fenced: () => FENCED,
    terminal: () => refused('E_TERMINAL', 'Another result of this attempt was accepted before.'),
    gap: () => ({
      ...refusedForNow('E_GAP', `The log is stored up to line ${storedSeq}, not ${message.lastSeq}.`),
      ackedSeq: storedSeq,
    }),
    steps_missing: () => refused('E_CONFLICT', 'Success needs exit code 0 and every step recorded as succeeded.'),
  };
  return replies[verdict]();
}
