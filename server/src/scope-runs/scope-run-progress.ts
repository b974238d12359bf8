import { Injectable, Logger } from '@nestjs/common';
import { MODULE_STATE_AFTER, nextScopeRunSteps } from '../domain/modules/next-scope-run-steps.js';
import { EventBus } from '../events/event-bus.js';
import { ModuleRunProgress } from '../module-runs/module-run-progress.js';
import { ModuleRunStarter } from '../module-runs/module-run-starter.js';
import { UnresolvedInputs } from '../module-runs/unresolved-inputs.js';
import { AppError } from '../platform/errors.js';
import { noteOfSkipped } from './scope-run-notes.js';
import { ScopeRunRepository, type ScopeRunKey, type StandingScopeRun } from './scope-run.repository.js';

/** Another server has begun it, or it was canceled: the transaction is undone, and with it the run of the module. */
class NotToBegin extends Error {}

/**
 * Takes runs of stacks and namespaces on by what the rows say at this moment. Every change is conditional on the state it
 * was decided from, and the run of a module is stored in the transaction that has the module run: any server may look at
 * any time, as often as it likes, and whatever a crash left is found by the next look.
 */
@Injectable()
export class ScopeRunProgress {
  private readonly logger = new Logger(ScopeRunProgress.name);

  constructor(
    private readonly runs: ScopeRunRepository,
    private readonly starter: ModuleRunStarter,
    private readonly moduleRuns: ModuleRunProgress,
    private readonly bus: EventBus,
  ) {}

  /** Until there is nothing more to do now. */
  async drive(key: ScopeRunKey): Promise<void> {
    for (;;) {
      const run = await this.runs.standing(key);
      if (run === null || run.endedAt !== null || !(await this.step(run))) return;
      const { organizationId, stackId, namespaceId, id: runId } = run;
      this.bus.publish('scope_run.changed', { organizationId, stackId, namespaceId, runId });
    }
  }

  /** @returns false: nothing was to be done */
  private async step(run: StandingScopeRun): Promise<boolean> {
    if ((await this.settle(run)) || (await this.cancelRunning(run))) return true;
    const { operation, onFailure, modules, dependencies } = run;
    const facts = { operation, onFailure, cancelRequested: run.cancelRequestedBy !== null };
    const { begin, skip, cancel, end } = nextScopeRunSteps(facts, modules, dependencies);
    if (end !== null) return this.runs.end(run, end);
    for (const moduleId of cancel) await this.runs.moveModule(run, moduleId, 'waiting', 'canceled', null);
    for (const [moduleId, by] of skip) {
      await this.runs.moveModule(run, moduleId, 'waiting', 'skipped', noteOfSkipped(by, modules));
    }
    let begun = 0;
    for (const moduleId of begin) {
      const beginning = await this.begin(run, moduleId);
      // the others may not be to begin any more
      if (beginning === 'refused') return true;
      if (beginning === 'begun') begun += 1;
    }
    return cancel.length + skip.size + begun > 0;
  }

  /** Keeps what became of the modules whose runs are over. */
  private async settle(run: StandingScopeRun): Promise<boolean> {
    let settled = 0;
    for (const { moduleId, state, runState } of run.modules) {
      if (state !== 'running') continue;
      // retention removes only what has ended long ago: no server was there to see how
      const [after, note] = runState === null ? (['failed', 'Its run was removed.'] as const) : stateAfter(runState);
      if (after !== null && (await this.runs.moveModule(run, moduleId, 'running', after, note))) settled += 1;
    }
    return settled > 0;
  }

  private async cancelRunning({ organizationId, cancelRequestedBy: by, modules }: StandingScopeRun): Promise<boolean> {
    if (by === null) return false;
    const running = modules.filter(({ state, runCancelRequested }) => state === 'running' && !runCancelRequested);
    for (const { runId } of running) await this.moduleRuns.cancel({ organizationId, id: runId! }, by);
    return running.length > 0;
  }

  private async begin(run: StandingScopeRun, moduleId: string): Promise<'begun' | 'refused' | 'to_try_again'> {
    const { organizationId, actorKind, actorId, operation, createdBy: name } = run;
    const beginner = { actor: { organizationId, actorKind, actorId }, name, trigger: 'scope_run' } as const;
    try {
      await this.starter.begin(beginner, moduleId, { operation, lockId: null }, async (tx, runId) => {
        if (!(await this.runs.beginModule(tx, run, moduleId, runId))) throw new NotToBegin();
      });
      return 'begun';
    } catch (error) {
      if (error instanceof NotToBegin) return 'refused';
      if (error instanceof AppError && error.status < 500) {
        await this.refuse(run, moduleId, error);
        return 'refused';
      }
      this.logger.warn({ err: error, runId: run.id, moduleId }, 'a module of a run could not be begun');
      return 'to_try_again';
    }
  }

  /** It cannot be run as it is set: whoever starts it by hand is told the same. */
  private async refuse(run: StandingScopeRun, moduleId: string, error: AppError): Promise<void> {
    const isNothingToDo = await this.isNothingToDo(run, moduleId, error);
    const state = isNothingToDo ? 'skipped' : 'failed';
    await this.runs.moveModule(run, moduleId, 'waiting', state, error.detail);
  }

  /** What waits for others that were never applied is not planned yet, and what was never applied needs no destroying. */
  private async isNothingToDo(
    { organizationId, operation }: StandingScopeRun,
    moduleId: string,
    error: AppError,
  ): Promise<boolean> {
    if (operation === 'plan') return error instanceof UnresolvedInputs && error.areYetToCome;
    return operation === 'destroy' && !(await this.runs.isApplied(organizationId, moduleId));
  }
}

function stateAfter(runState: keyof typeof MODULE_STATE_AFTER) {
  return [MODULE_STATE_AFTER[runState], null] as const;
}
