import { Injectable } from '@nestjs/common';
import { PHASES_OF_COMMAND } from '@dibs/shared';
import { Database } from '../database/database.js';
import { EventBus } from '../events/event-bus.js';
import { OutputStore, type OutputsStored } from '../module-outputs/output-store.js';
import { conflict } from '../platform/errors.js';
import { fenced, HeldAttemptRepository, type HeldJob } from './held-attempt.repository.js';
import type { NamedAttempt } from './named-attempt.js';
import { readOutputs } from './read-outputs.js';

/** Outputs on their way from the attempt that read them to their module. */
@Injectable()
export class AttemptOutputsService {
  constructor(
    private readonly database: Database,
    private readonly attempts: HeldAttemptRepository,
    private readonly outputs: OutputStore,
    private readonly bus: EventBus,
  ) {}

  /** All outputs of the module, each time; those that are not named are gone. */
  async take(attempt: NamedAttempt, body: unknown): Promise<OutputsStored> {
    const { organizationId, jobId } = attempt;
    const moduleId = moduleOf(await this.attempts.find(attempt));
    const named = readOutputs(body);
    const stored = await this.database.transaction(async (tx) => {
      if (!(await this.attempts.lock(tx, attempt))) throw fenced();
      return this.outputs.store(tx, { organizationId, moduleId }, jobId, named);
    });
    if (stored.changed.length > 0) {
      this.bus.publish('module.outputs_changed', { organizationId, moduleId, ...stored });
    }
    return stored;
  }
}

/** @throws AppError 409 for a job that is not to tell outputs */
function moduleOf({ engine, moduleId }: HeldJob): string {
  if (engine !== null && moduleId !== null && PHASES_OF_COMMAND[engine.command].includes('outputs')) return moduleId;
  throw conflict('no_outputs_expected', 'This job reads no outputs of a module.');
}
