import { Global, Module, type DynamicModule } from '@nestjs/common';
import { ArchiveQueueRepository } from './archive-queue.repository.js';
import { ArchiveRemovalRepository } from './archive-removal.repository.js';
import { ArchivedLogRepository } from './archived-log.repository.js';
import { ArchivedLogs } from './archived-logs.js';
import { LOG_ARCHIVE } from './log-archive.token.js';
import { LogArchiver } from './log-archiver.js';
import { LogCopier } from './log-copier.js';
import type { ObjectStore } from './store/object-store.js';

/** Copies finished logs to an archive, and reads those that are nowhere else. */
@Global()
@Module({})
export class LogArchiveModule {
  /** @param store null: there is none, and only what was archived before is known of */
  static forRoot(store: ObjectStore | null): DynamicModule {
    return {
      module: LogArchiveModule,
      providers: [
        { provide: LOG_ARCHIVE, useValue: store },
        ArchiveQueueRepository,
        ArchiveRemovalRepository,
        ArchivedLogRepository,
        ArchivedLogs,
        LogArchiver,
        LogCopier,
      ],
      exports: [LOG_ARCHIVE, ArchiveQueueRepository, ArchiveRemovalRepository, ArchivedLogs],
    };
  }
}
