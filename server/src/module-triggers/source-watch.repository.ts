import { Inject, Injectable } from '@nestjs/common';
import type { GitSourceSpec, OrganizationId } from '@dibs/shared';
import { Database, type Queryable } from '../database/database.js';
import { gitUrlKey } from '../domain/modules/git-url-key.js';
import type { SourceFacts } from '../domain/modules/source-news.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import * as sql from './source-watch.sql.js';
import type { ModuleKey } from './wanted-run.repository.js';

/** What a runner is asked about. */
export interface WatchedSource {
  readonly url: string;
  readonly revision: string | null;
  readonly versions: string | null;
}

export interface DueWatch extends ModuleKey, WatchedSource {
  /** Somebody should have looked by now. */
  readonly isOverdue: boolean;
}

/** One that this server looks at. */
export interface ClaimedWatch {
  readonly moduleId: string;
  readonly version: number;
}

export interface WatchRow {
  readonly resolved: string | null;
  readonly checkedAt: Date | null;
  readonly checkedBy: string | null;
  readonly problem: string | null;
  readonly nextCheckAt: Date | null;
}

export interface RecordedLook {
  readonly commit: string | null;
  readonly by: string;
  readonly problem: string | null;
  /** null: none yet */
  readonly handled: string | null;
  /** When to look again, whatever the settings say; null: as they say. */
  readonly soonSeconds: number | null;
  /** When to look again where the settings say that nobody does by himself; null: not. */
  readonly defaultSeconds: number | null;
}

/** Sweeps after which another server would have looked, if it could. */
const SWEEPS_UNTIL_OVERDUE = 6;

@Injectable()
export class SourceWatchRepository {
  private readonly overdueSeconds: number;
  private readonly timeScale: number;

  constructor(
    private readonly database: Database,
    @Inject(TIMING_SETTINGS) { sweepEveryMs, timeScale }: TimingSettings,
  ) {
    this.overdueSeconds = (SWEEPS_UNTIL_OVERDUE * sweepEveryMs) / 1_000;
    this.timeScale = timeScale;
  }

  async watch({ organizationId, moduleId }: ModuleKey, source: GitSourceSpec, seconds: number | null): Promise<void> {
    const { url, revision, versions = null } = source;
    const values = [organizationId, moduleId, url, gitUrlKey(url), revision, versions, seconds];
    await this.database.query(sql.WATCH_SOURCE, values);
  }

  async unwatch({ organizationId, moduleId }: ModuleKey): Promise<void> {
    await this.database.query(sql.UNWATCH_SOURCE, [organizationId, moduleId]);
  }

  async find({ organizationId, moduleId }: ModuleKey): Promise<WatchRow | null> {
    const [row] = await this.database.query<WatchRow>(sql.FIND_WATCH, [organizationId, moduleId]);
    return row ?? null;
  }

  due(after: string, limit: number): Promise<DueWatch[]> {
    return this.database.query(sql.DUE_WATCHES, [after, limit, this.overdueSeconds]);
  }

  claim(organizationId: OrganizationId, moduleIds: readonly string[]): Promise<ClaimedWatch[]> {
    return this.database.query(sql.CLAIM_WATCHES, [organizationId, moduleIds]);
  }

  /** @returns null: another source is to be looked at meanwhile, or none */
  async lock(
    tx: Queryable,
    organizationId: OrganizationId,
    { moduleId, version }: ClaimedWatch,
  ): Promise<Omit<SourceFacts, 'resolved'> | null> {
    const values = [organizationId, moduleId, version];
    const [row] = await tx.query<Omit<SourceFacts, 'resolved'>>(sql.LOCK_WATCH, values);
    return row ?? null;
  }

  async record(
    on: Queryable,
    organizationId: OrganizationId,
    { moduleId, version }: ClaimedWatch,
    { commit, by, problem, handled, soonSeconds, defaultSeconds }: RecordedLook,
  ): Promise<void> {
    const seen = [commit, by, problem, handled, soonSeconds, defaultSeconds, this.timeScale];
    await on.query(sql.RECORD_LOOK, [organizationId, moduleId, version, ...seen]);
  }

  async recordNobody({ organizationId, moduleId }: ModuleKey, problem: string, nextInSeconds: number): Promise<void> {
    const values = [organizationId, moduleId, problem, nextInSeconds * this.timeScale];
    await this.database.query(sql.RECORD_NOBODY, values);
  }

  /** @param revisions names of what moved; none: anything */
  async ofUrl(organizationId: OrganizationId, url: string, revisions: readonly string[]): Promise<string[]> {
    const values = [organizationId, gitUrlKey(url), revisions];
    return (await this.database.query<{ moduleId: string }>(sql.WATCHES_OF_URL, values)).map(
      ({ moduleId }) => moduleId,
    );
  }

  /** @returns how many there still are */
  async checkNow(tx: Queryable, organizationId: OrganizationId, moduleIds: readonly string[]): Promise<number> {
    return (await tx.query(sql.CHECK_NOW, [organizationId, moduleIds])).length;
  }
}
