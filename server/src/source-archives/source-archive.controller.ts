import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { SourceArchive } from '@dibs/shared';
import type { FastifyReply } from 'fastify';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { ARCHIVE_TYPES, BYTES_TYPE, TakesBytes } from '../platform/http/route-body.js';
import { SourceArchiveDocument } from './dto/source-archive.document.js';
import { SourceArchiveService } from './source-archive.service.js';

@ApiTags('source archives')
@Controller('api/v1/source-archives')
export class SourceArchiveController {
  constructor(private readonly archives: SourceArchiveService) {}

  @Post()
  @RequirePermission('jobs:submit')
  @TakesBytes([...ARCHIVE_TYPES, BYTES_TYPE])
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiOperation({
    summary:
      'Upload a tar, tar.gz or zip, at most 64 MiB, to be the source of jobs. 422: the entry that it must not have',
  })
  @ApiCreatedResponse({ type: SourceArchiveDocument })
  @ApiOkResponse({ type: SourceArchiveDocument, description: 'The same bytes had been uploaded before' })
  async upload(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SourceArchive> {
    const { archive, created } = await this.archives.take(caller, body);
    void reply.status(created ? 201 : 200).header('location', `/api/v1/source-archives/${archive.sha256}`);
    return archive;
  }

  @Get(':sha256')
  @RequirePermission('jobs:read')
  @ApiOperation({ summary: 'Whether an archive is here; a day after its last use it is removed' })
  @ApiOkResponse({ type: SourceArchiveDocument })
  get(@CurrentCaller() caller: Caller, @Param('sha256') sha256: string): Promise<SourceArchive> {
    return this.archives.get(caller, sha256);
  }
}
