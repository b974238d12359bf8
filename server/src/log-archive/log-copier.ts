import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { JobId, OrganizationId } from '@dibs/shared';
import { archiveName } from '../domain/logs/archive-name.js';
import { ArchiveQueueRepository } from './archive-queue.repository.js';
import { ArchivedLogRepository } from './archived-log.repository.js';
import { LogObjectWriter, type ChunkToArchive } from './format/log-object-writer.js';
import { ArchiveError, type ObjectStore } from './store/object-store.js';

export interface LogToCopy {
  readonly organizationId: OrganizationId;
  readonly jobId: JobId;
  readonly attempt: number;
}

/**
 * Copies one log. Whatever interrupts it: before the last step nobody looks at the object, and it is removed some time
 * later, because it was noted before it was written; after the last step it is whole, because it was read back.
 */
@Injectable()
export class LogCopier {
  constructor(
    private readonly queue: ArchiveQueueRepository,
    private readonly logs: ArchivedLogRepository,
  ) {}

  /**
   * @returns bytes written; 0: nothing is stored of it
   * @throws ArchiveError, LogChanged
   */
  async copy({ organizationId, jobId, attempt }: LogToCopy, store: ObjectStore): Promise<number> {
    const pages = this.queue.chunks(jobId, attempt);
    const first = await pages.next();
    if (first.done) return 0;
    const objectName = archiveName(organizationId, jobId, attempt, randomUUID().slice(-12));
    const writer = new LogObjectWriter();
    await this.logs.intend(objectName);
    await store.write(objectName, writer.encode(joined(first.value, pages)));
    const summary = writer.summary();
    const read = createHash('sha256');
    for await (const bytes of store.read(objectName)) read.update(bytes);
    if (read.digest('hex') !== summary.sha256) {
      throw new ArchiveError('unavailable', `what was written as ${objectName} reads differently`);
    }
    await this.logs.record({ organizationId, jobId, attempt, objectName }, summary);
    return summary.bytes;
  }
}

async function* joined(
  first: readonly ChunkToArchive[],
  others: AsyncIterable<readonly ChunkToArchive[]>,
): AsyncGenerator<readonly ChunkToArchive[]> {
  yield first;
  yield* others;
}
