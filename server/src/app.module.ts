import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { AuthModule } from './auth/auth.module.js';
import { BusModule } from './bus/bus.module.js';
import { DatabaseModule } from './database/database.module.js';
import { DefinitionsModule } from './definitions/definitions.module.js';
import { DispatchModule } from './dispatch/dispatch.module.js';
import { EngineResultsModule } from './engine-results/engine-results.module.js';
import { EventsModule } from './events/events.module.js';
import { ExplainModule } from './explain/explain.module.js';
import { FanOutModule } from './fan-out/fan-out.module.js';
import { JobViewsModule } from './job-views/job-views.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { LiveModule } from './live/live.module.js';
import { LogArchiveModule } from './log-archive/log-archive.module.js';
import type { ObjectStore } from './log-archive/store/object-store.js';
import { LogSearchModule } from './log-search/log-search.module.js';
import { LogsModule } from './logs/logs.module.js';
import { ModuleOutputsModule } from './module-outputs/module-outputs.module.js';
import { ModuleRunsModule } from './module-runs/module-runs.module.js';
import { ModuleTriggersModule } from './module-triggers/module-triggers.module.js';
import { ModulesModule } from './modules/modules.module.js';
import { OrganizationsModule } from './organizations/organizations.module.js';
import type { EncryptionKey } from './platform/encryption-key.js';
import { OperationsModule } from './platform/operations.module.js';
import { OverviewModule } from './overview/overview.module.js';
import { PausesModule } from './pauses/pauses.module.js';
import { PlatformModule } from './platform/platform.module.js';
import type { Settings } from './platform/settings.js';
import { ResealingModule } from './resealing/resealing.module.js';
import { RetentionModule } from './retention/retention.module.js';
import { RunnerGatewayModule } from './runner-gateway/runner-gateway.module.js';
import { RunnersModule } from './runners/runners.module.js';
import { TimelineModule } from './timeline/timeline.module.js';
import { ScopeRunsModule } from './scope-runs/scope-runs.module.js';
import { SourceArchivesModule } from './source-archives/source-archives.module.js';
import { StacksModule } from './stacks/stacks.module.js';

export interface AppModuleOptions {
  readonly settings: Settings;
  readonly encryptionKey: EncryptionKey;
  /** Of a database that was migrated already. */
  readonly databaseUrl: string;
  readonly logArchive: ObjectStore | null;
}

@Module({})
export class AppModule {
  static forRoot({ settings, encryptionKey, databaseUrl, logArchive }: AppModuleOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        // the ground
        PlatformModule.forRoot(settings, encryptionKey),
        DatabaseModule.forRoot(databaseUrl, settings.database.poolSize),
        EventsModule,
        OperationsModule,
        // the product
        AuthModule,
        OrganizationsModule,
        RunnersModule,
        StacksModule,
        ModulesModule,
        DefinitionsModule,
        SourceArchivesModule,
        EngineResultsModule,
        ModuleOutputsModule,
        JobsModule,
        JobViewsModule,
        FanOutModule,
        ModuleRunsModule,
        ScopeRunsModule,
        ModuleTriggersModule,
        TimelineModule,
        LogArchiveModule.forRoot(logArchive),
        LogsModule,
        LogSearchModule,
        RetentionModule,
        ResealingModule,
        DispatchModule,
        ExplainModule,
        OverviewModule,
        // before the gateway: what is paused is known before the first runner connects
        PausesModule,
        RunnerGatewayModule,
        LiveModule,
        // last, so that everybody listens before the first hint comes
        BusModule.forRoot(databaseUrl, settings.bus),
      ],
    };
  }
}
