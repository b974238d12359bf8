import { Injectable, Logger } from '@nestjs/common';
import type { OrganizationId, SourceSeen } from '@dibs/shared';
import { Database } from '../database/database.js';
import type { ConnectedInstance } from '../dispatch/connected-instance.js';
import { laneOf, type LaneRequirements } from '../domain/dispatch/lanes.js';
import { sourceNews } from '../domain/modules/source-news.js';
import { ModuleReader } from '../modules/module-reader.js';
import { AppError } from '../platform/errors.js';
import { SourceLooker, mayLook } from './source-looker.js';
import { SourceWatchRepository, type ClaimedWatch, type DueWatch } from './source-watch.repository.js';
import { WantedRunRepository } from './wanted-run.repository.js';

/** Where nobody could look, or it could not be said what the news mean, it is tried again after this long. */
const AGAIN_SECONDS = 60;
/** The same for a repository that gives no answer, when the module is not looked at by itself. */
const FAILED_AGAIN_SECONDS = 300;
const NOBODY = 'No runner that may take jobs of the module, and can look at sources, is connected.';

interface Candidate {
  readonly watch: DueWatch;
  readonly requirements: LaneRequirements;
}

/** Looks at sources that are due: those of many modules that are the same are one question to one runner. */
@Injectable()
export class SourceChecker {
  private readonly logger = new Logger(SourceChecker.name);

  constructor(
    private readonly watches: SourceWatchRepository,
    private readonly modules: ModuleReader,
    private readonly looker: SourceLooker,
    private readonly wanted: WantedRunRepository,
    private readonly database: Database,
  ) {}

  /** @param same watches of one source in one organization */
  async check(same: readonly DueWatch[]): Promise<void> {
    const candidates = await this.candidatesOf(same);
    for (let left = candidates; left.length > 0;) {
      const [first, ...others] = left as [Candidate, ...Candidate[]];
      const instance = this.looker.find(first.requirements);
      if (instance === null) await this.nobody(first.watch);
      const isFound = instance !== null && instance !== 'busy';
      const shared = isFound ? others.filter(({ requirements }) => mayLook(instance, requirements)) : [];
      if (isFound) await this.ask(instance, [first, ...shared]);
      left = others.filter((other) => !shared.includes(other));
    }
  }

  private async candidatesOf(watches: readonly DueWatch[]): Promise<Candidate[]> {
    const candidates: Candidate[] = [];
    for (const watch of watches) {
      try {
        const { settings, scope } = await this.modules.read(watch.organizationId, watch.moduleId);
        const { requirements } = laneOf(watch.organizationId, {
          executor: { type: 'shell' },
          requires: { tools: [], labels: settings.labels.value, prefers: {} },
          ...settings.placement.value,
          ...{ scope, slots: 1 },
        });
        candidates.push({ watch, requirements });
      } catch (error) {
        if (!(error instanceof AppError) || error.status >= 500) throw error;
        await this.watches.recordNobody(watch, error.detail, FAILED_AGAIN_SECONDS);
      }
    }
    return candidates;
  }

  /** Another server may have one that can. */
  private async nobody(watch: DueWatch): Promise<void> {
    if (watch.isOverdue) await this.watches.recordNobody(watch, NOBODY, AGAIN_SECONDS);
  }

  private async ask(instance: ConnectedInstance, candidates: readonly Candidate[]): Promise<void> {
    const { watch } = candidates[0]!;
    const { organizationId } = watch;
    const claimed = await this.watches.claim(
      organizationId,
      candidates.map((candidate) => candidate.watch.moduleId),
    );
    if (claimed.length === 0) return;
    const seen = await this.looker.ask(instance, watch);
    const by = `${instance.runnerName}/${instance.instanceName}`;
    for (const each of claimed) await this.record(organizationId, each, by, seen);
  }

  private async record(
    organizationId: OrganizationId,
    claimed: ClaimedWatch,
    by: string,
    { commit, problem }: SourceSeen,
  ): Promise<void> {
    const { moduleId } = claimed;
    if (commit === null) {
      this.logger.debug({ moduleId, by, problem }, 'a source could not be looked at');
      const look = { commit, by, problem, handled: null, defaultSeconds: FAILED_AGAIN_SECONDS, soonSeconds: null };
      return this.watches.record(this.database, organizationId, claimed, look);
    }
    await this.database.transaction(async (tx) => {
      const facts = await this.watches.lock(tx, organizationId, claimed);
      if (facts === null) return;
      const news = sourceNews({ resolved: commit, ...facts });
      if (news === 'run') {
        const run = { trigger: 'source_changed', cause: `commit ${commit.slice(0, 12)}` } as const;
        await this.wanted.want(tx, { organizationId, moduleId }, run);
      }
      await this.watches.record(tx, organizationId, claimed, {
        ...{ commit, by, problem, handled: news === 'later' ? null : commit, defaultSeconds: null },
        soonSeconds: news === 'later' ? AGAIN_SECONDS : null,
      });
    });
  }
}
