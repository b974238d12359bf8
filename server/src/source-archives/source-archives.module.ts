import { Module } from '@nestjs/common';
import { SourceArchiveController } from './source-archive.controller.js';
import { SourceArchiveRepository } from './source-archive.repository.js';
import { SourceArchiveService } from './source-archive.service.js';
import { SourceArchiveSweep } from './source-archive-sweep.js';

/** Archives that are uploaded to be the source of jobs and modules. */
@Module({
  controllers: [SourceArchiveController],
  providers: [SourceArchiveRepository, SourceArchiveService, SourceArchiveSweep],
  exports: [SourceArchiveService],
})
export class SourceArchivesModule {}
