import { Injectable } from '@nestjs/common';
import type { NotifySourceBody, SourceNotified, SourceWatch } from '@dibs/shared';
import { AuditLog, by } from '../auth/audit/audit-log.js';
import type { Caller } from '../auth/caller.js';
import { Database } from '../database/database.js';
import { gitUrlKey } from '../domain/modules/git-url-key.js';
import { watchedSource } from '../domain/modules/source-news.js';
import { HierarchyService } from '../modules/hierarchy.service.js';
import { SourceWatchRepository } from './source-watch.repository.js';

@Injectable()
export class SourceWatchService {
  constructor(
    private readonly watches: SourceWatchRepository,
    private readonly hierarchy: HierarchyService,
    private readonly database: Database,
    private readonly audit: AuditLog,
  ) {}

  /** @throws AppError 404 */
  async get(caller: Caller, moduleId: string): Promise<SourceWatch> {
    const settings = await this.hierarchy.effective(caller, 'module', moduleId);
    const row = await this.watches.find({ organizationId: caller.organizationId, moduleId });
    const source = settings.source.value;
    return {
      watched: row !== null && watchedSource(settings) !== null,
      revision: source?.type === 'git' ? (source.revision ?? source.versions ?? null) : null,
      resolved: row?.resolved ?? null,
      checkedAt: row?.checkedAt?.toISOString() ?? null,
      checkedBy: row?.checkedBy ?? null,
      error: row?.problem ?? null,
      nextCheckAt: row?.nextCheckAt?.toISOString() ?? null,
    };
  }

  /** Somebody has pushed: those modules are looked at with the next sweep. */
  async notify(caller: Caller, { url, revision }: NotifySourceBody): Promise<SourceNotified> {
    const { organizationId } = caller;
    const found = await this.watches.ofUrl(organizationId, url, revision === undefined ? [] : namesOf(revision));
    const modules = await this.database.transaction(async (tx) => {
      const count = await this.watches.checkNow(tx, organizationId, found);
      const data = { repository: gitUrlKey(url), revision: revision ?? null, modules: count };
      await this.audit.writeIn(tx, { ...by(caller), action: 'source.notified', target: organizationId, data });
      return count;
    });
    return { modules };
  }
}

/** A branch or tag is told in full by some hosts, and named by its short name in most settings, or the other way round. */
function namesOf(revision: string): string[] {
  const short = revision.replace(/^refs\/(heads|tags)\//, '');
  return [...new Set([revision, short, `refs/heads/${short}`, `refs/tags/${short}`])];
}
