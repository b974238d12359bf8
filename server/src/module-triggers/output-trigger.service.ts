import { Injectable, Logger } from '@nestjs/common';
import type { EffectiveSettings } from '@dibs/shared';
import { Database } from '../database/database.js';
import { outputReferences } from '../domain/modules/resolve-inputs.js';
import { ModuleReader } from '../modules/module-reader.js';
import { AppError } from '../platform/errors.js';
import { OutputTriggerRepository, type OutputChange, type Upstream } from './output-trigger.repository.js';
import { WantedRunRepository } from './wanted-run.repository.js';
import { WantedRuns } from './wanted-runs.js';

/**
 * Has the modules that take an output applied when it has changed. A change is looked at by one server: it counts as
 * handled when all runs are wanted, so that a crash in between makes a run more rather than none.
 */
@Injectable()
export class OutputTriggerService {
  private readonly logger = new Logger(OutputTriggerService.name);

  constructor(
    private readonly triggers: OutputTriggerRepository,
    private readonly modules: ModuleReader,
    private readonly wanted: WantedRunRepository,
    private readonly wantedRuns: WantedRuns,
    private readonly database: Database,
  ) {}

  pending(): Promise<Upstream[]> {
    return this.triggers.pending();
  }

  async handle(upstream: Upstream): Promise<void> {
    for (;;) {
      const change = await this.triggers.claim(upstream);
      if (change === null) return;
      for (const moduleId of await this.triggers.takers(upstream)) await this.trigger(upstream, change, moduleId);
      await this.triggers.finish(upstream, change.version);
    }
  }

  private async trigger(upstream: Upstream, { changed, version }: OutputChange, moduleId: string): Promise<void> {
    const { organizationId } = upstream;
    try {
      const { settings } = await this.modules.read(organizationId, moduleId);
      if (!settings.triggerOnUpstreamOutputChanged.value || !takes(settings, upstream.moduleId, changed)) return;
      if (await this.triggers.isSeenTo(upstream, moduleId, version)) {
        return await this.wantedRuns.cancelOlder({ organizationId, moduleId }, 'a newer change of outputs');
      }
      const { path } = await this.modules.read(organizationId, upstream.moduleId);
      const run = { trigger: 'upstream_output', cause: `outputs of ${path}` } as const;
      await this.wanted.want(this.database, { organizationId, moduleId }, run);
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      const about = { code: error.code, detail: error.detail, moduleId, upstream: upstream.moduleId, version };
      this.logger.warn(about, 'a module was not triggered by a changed output');
    }
  }
}

function takes(settings: EffectiveSettings, moduleId: string, changed: readonly string[]): boolean {
  return outputReferences(settings).some((taken) => taken.moduleId === moduleId && changed.includes(taken.output));
}
