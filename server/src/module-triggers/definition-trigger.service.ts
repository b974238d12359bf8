import { Injectable, Logger } from '@nestjs/common';
import type { EffectiveSettings } from '@dibs/shared';
import { Database } from '../database/database.js';
import { watchedSource } from '../domain/modules/source-news.js';
import { DefinitionDigest } from '../module-runs/definition-digest.js';
import { ModuleStandingRepository } from '../module-runs/module-standing.repository.js';
import { ModuleReader } from '../modules/module-reader.js';
import { AppError } from '../platform/errors.js';
import { DefinitionChangeRepository, type ChangedNode } from './definition-change.repository.js';
import { SourceWatchRepository } from './source-watch.repository.js';
import { WantedRunRepository, type ModuleKey } from './wanted-run.repository.js';

/**
 * Has deployed modules applied when what counts for them is not what their last run was begun with. Settings that change
 * leave word in their own transaction, whatever the level; which modules that concerns is found out here, later and by one
 * server. Looking twice does no harm. Which sources are
 * to be watched follows from the same settings, and is found out with them.
 */
@Injectable()
export class DefinitionTriggerService {
  private readonly logger = new Logger(DefinitionTriggerService.name);

  constructor(
    private readonly changes: DefinitionChangeRepository,
    private readonly modules: ModuleReader,
    private readonly standings: ModuleStandingRepository,
    private readonly digest: DefinitionDigest,
    private readonly watches: SourceWatchRepository,
    private readonly wanted: WantedRunRepository,
    private readonly database: Database,
  ) {}

  pending(): Promise<ChangedNode[]> {
    return this.changes.pending();
  }

  async handle(node: ChangedNode): Promise<void> {
    const version = await this.changes.claim(node);
    if (version === null) return;
    const { organizationId } = node;
    for await (const moduleId of this.changes.modulesInside(node)) await this.look({ organizationId, moduleId });
    await this.changes.finish(node, version);
  }

  /** @param settings null: the module is not deployed */
  private async watch(key: ModuleKey, settings: EffectiveSettings | null): Promise<void> {
    const source = settings && watchedSource(settings);
    if (source === null) await this.watches.unwatch(key);
    else await this.watches.watch(key, source, settings!.sourcePolling.value.everySeconds);
  }

  private async look(key: ModuleKey): Promise<void> {
    const { organizationId, moduleId } = key;
    try {
      const module = await this.modules.read(organizationId, moduleId);
      const { isDeployed, definition } = await this.standings.find(organizationId, moduleId);
      await this.watch(key, isDeployed ? module.settings : null);
      if (!isDeployed || !module.settings.triggerOnDefinitionChanged.value) return;
      if (this.digest.of(module) === definition) return;
      await this.wanted.want(this.database, key, { trigger: 'definition_changed', cause: 'changed settings' });
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      const about = { code: error.code, detail: error.detail, moduleId };
      this.logger.warn(about, 'it could not be told whether the definition of a module has changed');
    }
  }
}
