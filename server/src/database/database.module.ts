import { Global, Logger, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Database } from './database.js';
import { dataSourceOptions } from './data-source.js';

@Global()
@Module({ providers: [Database], exports: [Database] })
export class DatabaseModule {
  /** @param url of a database that was migrated already; closed when the application closes */
  static forRoot(url: string, poolSize: number): DynamicModule {
    const logger = new Logger(DatabaseModule.name);
    const options = dataSourceOptions(url, poolSize, (error) =>
      logger.warn({ err: error }, 'database connection lost'),
    );
    return {
      module: DatabaseModule,
      imports: [TypeOrmModule.forRoot({ ...options, retryAttempts: 0 })],
    };
  }
}
