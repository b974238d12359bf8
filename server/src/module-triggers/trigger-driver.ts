import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventBus } from '../events/event-bus.js';
import { Repeating } from '../platform/repeating.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { DefinitionTriggerService } from './definition-trigger.service.js';
import { OutputTriggerService } from './output-trigger.service.js';
import { WantedRuns } from './wanted-runs.js';

/** When it is looked for what triggers runs: with every sweep, and for outputs as soon as they are told of. */
@Injectable()
export class TriggerDriver implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(TriggerDriver.name);
  private readonly sweeps: Repeating;
  private readonly unsubscribe: () => void;
  private handling: Promise<void> = Promise.resolve();

  constructor(
    private readonly outputs: OutputTriggerService,
    private readonly definitions: DefinitionTriggerService,
    private readonly wanted: WantedRuns,
    @Inject(TIMING_SETTINGS) timing: TimingSettings,
    bus: EventBus,
  ) {
    this.sweeps = new Repeating(() => this.sweep(), timing.sweepEveryMs);
    this.unsubscribe = bus.on('module.outputs_changed', ({ organizationId, moduleId }) => {
      const handle = (): Promise<void> => this.outputs.handle({ organizationId, moduleId });
      this.handling = this.handling.then(() => this.safely(handle)).then(() => this.safely(() => this.begin()));
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
    await this.safely(async () => {
      for (const upstream of await this.outputs.pending()) await this.safely(() => this.outputs.handle(upstream));
    });
    await this.safely(async () => {
      for (const node of await this.definitions.pending()) await this.safely(() => this.definitions.handle(node));
    });
    await this.safely(() => this.begin());
  }

  private begin(): Promise<void> {
    return this.wanted.beginAll(() => !this.sweeps.isStopped);
  }

  /** What fails is found again by the next sweep. */
  private async safely(work: () => Promise<void>): Promise<void> {
    if (this.sweeps.isStopped) return;
    try {
      await work();
    } catch (error) {
      if (!this.sweeps.isStopped) {
        this.logger.warn({ err: error }, 'what triggers runs could not all be looked at; the next sweep will');
      }
    }
  }
}
