import { Injectable, Logger } from '@nestjs/common';
import { Database, type Queryable } from '../database/database.js';
import { ModuleRunProgress } from '../module-runs/module-run-progress.js';
import { ModuleRunRepository, type RunKey } from '../module-runs/module-run.repository.js';
import { ModuleRunStarter } from '../module-runs/module-run-starter.js';
import { ModuleStandingRepository } from '../module-runs/module-standing.repository.js';
import { AppError } from '../platform/errors.js';
import { WantedRunRepository, type ModuleKey, type WantedRun } from './wanted-run.repository.js';

const RUNS_AT_ONCE = 100;

/** Something has triggered the module again since, or somebody else has begun the run. */
class NotWanted extends Error {}

/**
 * The one way from a trigger to a run. A trigger only leaves word that a run of the module is wanted; the run begins, the
 * word goes, and older triggered runs are canceled, in one transaction. So nothing is lost and nothing begins twice, whoever
 * crashes when, and what several triggers say before the run has begun is one run.
 */
@Injectable()
export class WantedRuns {
  private readonly logger = new Logger(WantedRuns.name);

  constructor(
    private readonly wanted: WantedRunRepository,
    private readonly starter: ModuleRunStarter,
    private readonly runs: ModuleRunRepository,
    private readonly progress: ModuleRunProgress,
    private readonly standings: ModuleStandingRepository,
    private readonly database: Database,
  ) {}

  /** @param goesOn asked before each of them */
  async beginAll(goesOn: () => boolean): Promise<void> {
    for (;;) {
      const keys = await this.wanted.list(RUNS_AT_ONCE);
      for (const key of keys) if (goesOn()) await this.begin(key);
      if (keys.length < RUNS_AT_ONCE || !goesOn()) return;
    }
  }

  /** Errors are logged: one module must not keep others waiting, and is tried again when its claim has run out. */
  private async begin(key: ModuleKey): Promise<void> {
    try {
      const wanted = await this.wanted.claim(key);
      if (wanted !== null) await this.beginClaimed(key, wanted, wanted.version);
    } catch (error) {
      this.logger.warn({ err: error, moduleId: key.moduleId }, 'a triggered run could not begin; it is tried again');
    }
  }

  /** Triggered runs of the module that have not begun to apply: what they plan is out of date. */
  async cancelOlder({ organizationId, moduleId }: ModuleKey, by: string): Promise<void> {
    const older = await this.database.transaction((tx) => this.runs.replace(tx, organizationId, moduleId, null, by));
    for (const run of older) await this.progress.canceled({ ...run, moduleId });
  }

  private async beginClaimed(key: ModuleKey, { trigger, cause }: WantedRun, version: number): Promise<void> {
    const { organizationId, moduleId } = key;
    // it was destroyed meanwhile
    if (trigger !== 'upstream_output' && !(await this.standings.find(organizationId, moduleId)).isDeployed) {
      return void (await this.wanted.forget(this.database, key, version));
    }
    const actor = { organizationId, actorKind: 'system', actorId: moduleId } as const;
    let replaced: readonly RunKey[] = [];
    const inTransaction = async (tx: Queryable, runId: string): Promise<void> => {
      if (!(await this.wanted.forget(tx, key, version))) throw new NotWanted();
      replaced = await this.runs.replace(tx, organizationId, moduleId, runId, cause);
    };
    try {
      const request = { operation: 'apply', lockId: null } as const;
      await this.starter.begin({ actor, name: cause, trigger }, moduleId, request, inTransaction);
    } catch (error) {
      // whoever has claimed the newer word begins the run
      if (error instanceof NotWanted) return;
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      // it cannot be run as it is set, or is gone: whoever starts it by hand is told the same
      await this.wanted.forget(this.database, key, version);
      const about = { code: error.code, detail: error.detail, moduleId, trigger, cause };
      this.logger.warn(about, 'a module was not run although it was triggered');
      return;
    }
    for (const run of replaced) await this.progress.canceled({ ...run, moduleId });
  }
}
