import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventBus } from '../events/event-bus.js';
import { Repeating } from '../platform/repeating.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { OutputTriggerService } from './output-trigger.service.js';
import type { Upstream } from './output-trigger.repository.js';

/** When changed outputs are looked at: as soon as they are told of, one after the other, and with every sweep. */
@Injectable()
export class OutputTriggerDriver implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(OutputTriggerDriver.name);
  private readonly sweeps: Repeating;
  private readonly unsubscribe: () => void;
  private handling: Promise<void> = Promise.resolve();

  constructor(
    private readonly triggers: OutputTriggerService,
    @Inject(TIMING_SETTINGS) timing: TimingSettings,
    bus: EventBus,
  ) {
    this.sweeps = new Repeating(() => this.sweep(), timing.sweepEveryMs);
    this.unsubscribe = bus.on('module.outputs_changed', ({ organizationId, moduleId }) => {
      this.handling = this.handling.then(() => this.handle({ organizationId, moduleId }));
    });
  }

  onApplicationBootstrap(): void {
    this.sweeps.start();
  }

  async onModuleDestroy(): Promise<void> {
    const swept = this.sweeps.stop();
    this.unsubscribe();
    await swept;
    await this.handling;
  }

  private async sweep(): Promise<void> {
    try {
      for (const upstream of await this.triggers.pending()) await this.handle(upstream);
    } catch (error) {
      if (!this.sweeps.isStopped) this.logger.warn({ err: error }, 'changed outputs could not be listed');
    }
  }

  private async handle(upstream: Upstream): Promise<void> {
    if (this.sweeps.isStopped) return;
    try {
      await this.triggers.handle(upstream);
    } catch (error) {
      const about = { err: error, moduleId: upstream.moduleId };
      this.logger.warn(about, 'modules that take changed outputs were not all triggered; the next sweep will');
    }
  }
}
