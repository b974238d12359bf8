import { Module, type DynamicModule } from '@nestjs/common';
import { LogsModule } from '../logs/logs.module.js';
import { TIMING_SETTINGS, type BusSettings, type TimingSettings } from '../platform/settings.js';
import { BusMetrics } from './bus-metrics.js';
import { BUS_TRANSPORT, type BusTransport } from './bus-transport.js';
import { PostgresTransport } from './postgres-transport.js';
import { RedisTransport } from './redis-transport.js';
import { ServerBus } from './server-bus.js';
import { ServerRepository } from './server.repository.js';

/** Several servers on one database tell each other hints: over PostgreSQL, or over Redis where there is one. */
@Module({})
export class BusModule {
  static forRoot(databaseUrl: string, { redisUrl }: BusSettings): DynamicModule {
    const transport = (timing: TimingSettings, servers: ServerRepository): BusTransport => {
      if (redisUrl === null) return new PostgresTransport(databaseUrl, timing.sweepEveryMs);
      const channel = async (): Promise<string> => `dibs:${await servers.installation()}`;
      return new RedisTransport(redisUrl, channel, timing.sweepEveryMs);
    };
    return {
      module: BusModule,
      imports: [LogsModule],
      providers: [
        BusMetrics,
        ServerBus,
        ServerRepository,
        { provide: BUS_TRANSPORT, useFactory: transport, inject: [TIMING_SETTINGS, ServerRepository] },
      ],
    };
  }
}
