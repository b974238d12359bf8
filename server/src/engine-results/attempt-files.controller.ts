import { Readable } from 'node:stream';
import { Body, Controller, Get, Put, Res, StreamableFile } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { RunnersOnly } from '../auth/access.decorators.js';
import { BYTES_TYPE, TakesBytes, TakesJsonUpTo } from '../platform/http/route-body.js';
import { AttemptOutputsService } from './attempt-outputs.service.js';
import { AttemptSourceService } from './attempt-source.service.js';
import { EngineOutputDocument, OutputsStoredDocument, PlanStoredDocument } from './dto/attempt-files.document.js';
import { CLAIM_TOKEN_HEADER, HeldAttempt } from './held-attempt.decorator.js';
import type { NamedAttempt } from './named-attempt.js';
import { PlanService } from './plan.service.js';
import { MAX_OUTPUTS_BYTES } from './read-outputs.js';

/** What the runner of an attempt hands over and fetches beside its link (docs/protocol.md). */
@ApiTags('runner files')
@ApiHeader({ name: CLAIM_TOKEN_HEADER, required: true, description: 'Of the attempt; 403 `fenced` when it is over' })
@ApiParam({ name: 'jobId', format: 'uuid' })
@ApiParam({ name: 'attempt', schema: { type: 'integer', minimum: 1 } })
@RunnersOnly()
@Controller('api/v1/attempts/:jobId/:attempt')
export class AttemptFilesController {
  constructor(
    private readonly plans: PlanService,
    private readonly outputs: AttemptOutputsService,
    private readonly sources: AttemptSourceService,
  ) {}

  @Put('plan')
  @TakesBytes()
  @ApiOperation({ summary: 'Hand over the plan that the attempt has made, at most 64 MiB. 409: another one is here' })
  @ApiCreatedResponse({ type: PlanStoredDocument })
  @ApiOkResponse({ type: PlanStoredDocument, description: 'The same bytes had been handed over before' })
  async putPlan(
    @HeldAttempt() attempt: NamedAttempt,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlanStoredDocument> {
    const { created, sha256, bytes } = await this.plans.take(attempt, body);
    void reply.status(created ? 201 : 200);
    return { sha256, bytes };
  }

  @Get('plan')
  @ApiOperation({ summary: 'The plan that the job of the attempt is to carry out. 404 and 410: it is gone' })
  @ApiOkResponse({ content: { [BYTES_TYPE]: { schema: { type: 'string', format: 'binary' } } } })
  async getPlan(@HeldAttempt() attempt: NamedAttempt): Promise<StreamableFile> {
    return streamOf(await this.plans.give(attempt));
  }

  @Get('source')
  @ApiOperation({ summary: 'The archive that is the source of the job of the attempt. 404 and 410: it is gone' })
  @ApiOkResponse({ content: { [BYTES_TYPE]: { schema: { type: 'string', format: 'binary' } } } })
  async getSource(@HeldAttempt() attempt: NamedAttempt): Promise<StreamableFile> {
    return streamOf(await this.sources.give(attempt));
  }

  @Put('outputs')
  @TakesJsonUpTo(MAX_OUTPUTS_BYTES)
  @ApiOperation({ summary: 'Tell all outputs of the module, at most 4 MiB; those that are not named are gone' })
  @ApiExtraModels(EngineOutputDocument)
  @ApiBody({ schema: { type: 'object', additionalProperties: { $ref: getSchemaPath(EngineOutputDocument) } } })
  @ApiOkResponse({ type: OutputsStoredDocument })
  async putOutputs(@HeldAttempt() attempt: NamedAttempt, @Body() body: unknown): Promise<OutputsStoredDocument> {
    const { version, changed } = await this.outputs.take(attempt, body);
    return { version, changed: changed.length > 0 };
  }
}

function streamOf({ bytes, content }: { readonly bytes: number; readonly content: AsyncIterable<Buffer> }) {
  return new StreamableFile(Readable.from(content, { objectMode: false }), { type: BYTES_TYPE, length: bytes });
}
