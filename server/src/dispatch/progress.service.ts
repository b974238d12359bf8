import { Injectable } from '@nestjs/common';
import type { JobFinished, JobId, Refusal, Reply, ResultReply, StepFinished, StepStarted } from '@dibs/shared';
import { Database } from '../database/database.js';
import { isReasonOf } from '../domain/job/attempt-reasons.js';
import { EventBus } from '../events/event-bus.js';
import { Coalescer } from '../platform/coalescer.js';
import { isolating, settle, unwrap, type Settled } from '../platform/isolating.js';
import { AfterFailure } from './after-failure.js';
import { AttemptOrder } from './attempt-order.js';
import type { ConnectedInstance, Holding } from './connected-instance.js';
import { keepEngineResult } from './engine-results.sql.js';
import { InstanceRegistry } from './instance-registry.js';
import { keepLogCounts } from './log-counts.sql.js';
import { LossService } from './loss.service.js';
import { LostAttemptRepository, type AfterLoss } from './lost-attempt.repository.js';
import { refused, refusedForNow } from './refusals.js';
import { ResultRepository, type FinalResult, type ResultVerdict, type ResultWritten } from './result.repository.js';
import { ResultWriter } from './result-writer.js';
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

type FinalMessage = JobFinished & { readonly outcome: FinalResult['outcome'] };

/** What a runner reports of an attempt it holds. Every write is conditional on the attempt and its token. */
@Injectable()
export class ProgressService {
  private readonly order = new AttemptOrder();
  private readonly starts: Coalescer<ByInstance<StepStarted>, Settled<StepVerdict<StartVerdict>>>;
  private readonly ends: Coalescer<ByInstance<StepFinished>, Settled<StepVerdict<FinishVerdict>>>;

  constructor(
    steps: StepRepository,
    private readonly resultRepository: ResultRepository,
    private readonly results: ResultWriter,
    private readonly lostAttempts: LostAttemptRepository,
    private readonly afterFailure: AfterFailure,
    private readonly database: Database,
    private readonly registry: InstanceRegistry,
    private readonly losses: LossService,
    private readonly bus: EventBus,
  ) {
    this.starts = new Coalescer(isolating((batch) => steps.start(batch)));
    this.ends = new Coalescer(isolating((batch) => steps.finish(batch)));
  }

  /** Lets the results that follow wait for this log batch. */
  besideLog<Result>(instance: ConnectedInstance, jobId: JobId, append: () => Promise<Result>): Promise<Result> {
    return this.order.beside(instance.identity.instanceId, jobId, append);
  }

  stepStarted(instance: ConnectedInstance, message: StepStarted): Promise<Reply> {
    return this.order.after(instance.identity.instanceId, message.jobId, async () => {
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
    return this.order.after(instance.identity.instanceId, message.jobId, async () => {
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

  /**
   * Results of jobs about which nothing else is under way, nearly all of them, are one piece of work: a promise and a
   * place in the order for each would cost more than what is decided here.
   *
   * @returns how each of them fared, in their order; one that cannot be written leaves the others as they are
   */
  async finished(instance: ConnectedInstance, messages: readonly JobFinished[]): Promise<Settled<ResultReply>[]> {
    const { instanceId } = instance.identity;
    const busy = this.order.busy(instanceId);
    const batch: FinalMessage[] = [];
    const jobIds = new Set<JobId>();
    const others: JobFinished[] = [];
    for (const message of messages) {
      const { jobId } = message;
      if (!isFinal(message) || !hasItsReason(message) || busy.has(jobId) || jobIds.has(jobId)) others.push(message);
      else {
        jobIds.add(jobId);
        batch.push(message);
      }
    }
    const together = this.order.together(instanceId, jobIds, () => this.finishAll(instance, batch));
    // after it, so that the second result of a job waits for the first
    const alone = others.map((message) => settle(this.finishedAlone(instance, message)));
    const answers = (await together).map((written, index) => answered(batch[index]!, written));
    if (others.length === 0) return answers;
    const replies = new Map<JobFinished, Settled<ResultReply>>();
    batch.forEach((message, index) => replies.set(message, answers[index]!));
    (await Promise.all(alone)).forEach((reply, index) => replies.set(others[index]!, reply));
    return messages.map((message) => replies.get(message)!);
  }

  private async finishedAlone(instance: ConnectedInstance, message: JobFinished): Promise<ResultReply> {
    if (!hasItsReason(message)) {
      return refused('E_VALIDATION', `${message.reason} is no reason for the outcome ${message.outcome}.`);
    }
    return this.order.after(instance.identity.instanceId, message.jobId, async () => {
      if (!isFinal(message)) return answer(message, await this.lose(instance, by(instance, message)));
      const [written] = await this.finishAll(instance, [message]);
      return answer(message, unwrap(written!));
    });
  }

  private async finishAll(
    instance: ConnectedInstance,
    messages: readonly FinalMessage[],
  ): Promise<Settled<ResultWritten>[]> {
    const { instanceId } = instance.identity;
    // the runner is done with these jobs: their slots are given away while the results are on their way to the database
    const freed = messages.map(({ jobId, attempt }) => this.registry.release(instanceId, jobId, attempt));
    const written = await this.results.write(messages.map((message) => by(instance, message)));
    const undecided: Promise<void>[] = [];
    messages.forEach((message, index) => {
      const holding = freed[index]!;
      if (!isUndecided(written[index]!)) return this.settled(instance, message, written[index]!, holding);
      const decided = settle(this.decide(by(instance, message)));
      undecided.push(
        decided.then((settled) => {
          written[index] = settled;
          this.settled(instance, message, settled, holding);
        }),
      );
    });
    await Promise.all(undecided);
    return written;
  }

  private settled(
    instance: ConnectedInstance,
    message: FinalMessage,
    written: Settled<ResultWritten>,
    freed: Holding | null,
  ): void {
    if (written.ok && written.value.verdict === 'ended') return this.ended(instance, message, written.value);
    const goesOn = !written.ok || LEAVES_CURRENT.has(written.value.verdict);
    // with the slots it had: a renewal would count them again, but much later, and without its weight
    if (goesOn && freed !== null) this.registry.holdAgain(instance.identity.instanceId, message.jobId, freed);
  }

  /** The job failed by itself and says that some failures are worth another try. */
  private async decide(result: FinalResult): Promise<ResultWritten> {
    const [written, again] = await this.database.transaction(
      async (tx): Promise<readonly [ResultWritten, AfterLoss | null]> => {
        const [judged] = await this.resultRepository.judge(tx, [result]);
        if (judged!.verdict !== 'undecided') return [judged!, null];
        const tried = await this.afterFailure.tryAgain(tx, result);
        if (tried !== null) {
          await keepLogCounts(tx, result);
          await keepEngineResult(tx, result);
          return [judged!, tried];
        }
        const [ended] = await this.resultRepository.finishDecided(tx, [result]);
        return [ended!, null];
      },
    );
    if (again !== null) this.losses.tell([again]);
    return written;
  }

  private ended(
    { identity, organizationId }: ConnectedInstance,
    { jobId, attempt, outcome: state, reason }: Pick<FinalResult, 'jobId' | 'attempt' | 'outcome' | 'reason'>,
    { concurrencyKey, parentId, storedSeq }: ResultWritten,
  ): void {
    this.registry.release(identity.instanceId, jobId, attempt);
    const hasNoLog = attempt === 1 && storedSeq === 0;
    this.bus.publish('job.ended', { organizationId, jobId, state, reason, concurrencyKey, parentId, hasNoLog });
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
        await keepEngineResult(tx, message);
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

function by<Message extends object>(instance: ConnectedInstance, message: Message): ByInstance<Message> {
  return { ...message, instanceId: instance.identity.instanceId };
}

function isFinal(message: JobFinished): message is FinalMessage {
  return message.outcome !== 'lost';
}

function noSuchStep({ step }: StepStarted): Refusal {
  return refused('E_VALIDATION', `The job has no step ${step}.`);
}

function hasItsReason({ outcome, reason }: JobFinished): boolean {
  return isReasonOf(outcome, reason);
}

function isUndecided(written: Settled<ResultWritten>): boolean {
  return written.ok && written.value.verdict === 'undecided';
}

function answered(message: JobFinished, written: Settled<ResultWritten>): Settled<ResultReply> {
  return written.ok ? { ok: true, value: answer(message, written.value) } : written;
}

function answer(message: JobFinished, { verdict, storedSeq }: ResultWritten): ResultReply {
  switch (verdict) {
    case 'ended':
    case 'undecided':
    case 'again':
      return DONE;
    case 'fenced':
      return FENCED;
    case 'terminal':
      return refused('E_TERMINAL', 'Another result of this attempt was accepted before.');
    case 'gap': {
      const gap = refusedForNow('E_GAP', `The log is stored up to line ${storedSeq}, not ${message.lastSeq}.`);
      return { ...gap, ackedSeq: storedSeq };
    }
    case 'steps_missing':
      return refused('E_CONFLICT', 'Success needs exit code 0 and every step recorded as succeeded.');
  }
}
