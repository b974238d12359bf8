import { Injectable } from '@nestjs/common';
import { AppError } from '../platform/errors.js';
import { SourceArchiveService } from '../source-archives/source-archive.service.js';
import { HeldAttemptRepository } from './held-attempt.repository.js';
import type { NamedAttempt } from './named-attempt.js';

/** Archives on their way to the runner of an attempt. */
@Injectable()
export class AttemptSourceService {
  constructor(
    private readonly attempts: HeldAttemptRepository,
    private readonly archives: SourceArchiveService,
  ) {}

  /** @throws AppError 404 for a job whose source is no archive */
  async give(attempt: NamedAttempt): ReturnType<SourceArchiveService['give']> {
    const { source } = await this.attempts.find(attempt);
    if (source?.type !== 'archive') throw new AppError(404, 'no_archive', 'The source of this job is no archive.');
    return this.archives.give(attempt.organizationId, source.sha256);
  }
}
