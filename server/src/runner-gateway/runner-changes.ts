import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { RunnerId } from '@dibs/shared';
import { InstanceRegistry } from '../dispatch/instance-registry.js';
import { EventBus } from '../events/event-bus.js';
import { Coalescer } from '../platform/coalescer.js';
import { AssignmentRepository } from '../runners/assignment.repository.js';

/** Keeps live sessions true to what an administrator edits: the priority of a runner record and its assignments. */
@Injectable()
export class RunnerChanges implements OnModuleDestroy {
  private readonly logger = new Logger(RunnerChanges.name);
  private readonly reads: Coalescer<RunnerId, undefined>;
  private readonly unsubscribe: () => void;

  constructor(bus: EventBus, assignments: AssignmentRepository, registry: InstanceRegistry) {
    // thousands of sessions of one record may come back at once, and each says that the record changed
    this.reads = new Coalescer(
      async (runnerIds) => {
        const standings = await assignments.standings([...new Set(runnerIds)]);
        for (const [runnerId, standing] of standings) registry.runnerChanged(runnerId, standing);
        return runnerIds.map(() => undefined);
      },
      { maxBatch: 10_000, maxConcurrent: 1 },
    );
    this.unsubscribe = bus.on('runner.changed', ({ runnerId }) => void this.read(runnerId));
  }

  onModuleDestroy(): void {
    this.unsubscribe();
  }

  private async read(runnerId: RunnerId): Promise<void> {
    try {
      await this.reads.add(runnerId);
    } catch (error) {
      // the next session of this runner, or the next edit, reads it again
      this.logger.warn({ err: error, runnerId }, 'a changed runner record could not be read');
    }
  }
}
