import { Injectable, Logger } from '@nestjs/common';
import type { EffectiveSettings } from '@dibs/shared';
import { outputReferences } from '../domain/modules/resolve-inputs.js';
import { ModuleReader } from '../modules/module-reader.js';
import { AppError } from '../platform/errors.js';
import { ModuleRunProgress } from './module-run-progress.js';
import { ModuleRunStarter } from './module-run-starter.js';
import { OutputTriggerRepository, type OutputChange, type Upstream } from './output-trigger.repository.js';

/**
 * Has the modules that take an output applied when it has changed. A change is looked at once, by one server: it counts
 * as handled when all runs have begun, so that a crash in between makes runs twice rather than not at all.
 */
@Injectable()
export class OutputTriggerService {
  private readonly logger = new Logger(OutputTriggerService.name);

  constructor(
    private readonly triggers: OutputTriggerRepository,
    private readonly modules: ModuleReader,
    private readonly starter: ModuleRunStarter,
    private readonly progress: ModuleRunProgress,
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
        return await this.replaceOlder(upstream, moduleId, null);
      }
      const { path } = await this.modules.read(organizationId, upstream.moduleId);
      const actor = { organizationId, actorKind: 'system', actorId: upstream.moduleId } as const;
      const begun = await this.starter.begin(
        { actor, name: `outputs of ${path}`, trigger: 'upstream_output' },
        moduleId,
        {
          operation: 'apply',
          lockId: null,
        },
      );
      await this.replaceOlder(upstream, moduleId, begun.id);
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      // it cannot be run as it is set, or is gone: whoever starts it by hand is told the same
      const about = { code: error.code, detail: error.detail, moduleId, upstream: upstream.moduleId, version };
      this.logger.warn(about, 'a module was not triggered by a changed output');
    }
  }

  /** They were begun with values that do not count any more. */
  private async replaceOlder({ organizationId }: Upstream, moduleId: string, by: string | null): Promise<void> {
    for (const run of await this.triggers.outdated(organizationId, moduleId, by)) {
      await this.progress.cancel(run, 'a newer change of outputs');
    }
  }
}

function takes(settings: EffectiveSettings, moduleId: string, changed: readonly string[]): boolean {
  return outputReferences(settings).some((taken) => taken.moduleId === moduleId && changed.includes(taken.output));
}
