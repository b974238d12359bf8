import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JobExplanation } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { SubmitJobDto } from '../jobs/dto/submit-job.dto.js';
import { JobExplanationDocument } from './dto/explanation.document.js';
import { WhatIfService } from './what-if.service.js';
import { ExplainService } from './explain.service.js';

@ApiTags('jobs')
@Controller('api/v1/jobs')
export class ExplainController {
  constructor(
    private readonly explanations: ExplainService,
    private readonly whatIfs: WhatIfService,
  ) {}

  @Get(':id/explain')
  @RequirePermission('jobs:read')
  @ApiOperation({ summary: 'Why the job waits, and for each runner the first rule that says no' })
  @ApiOkResponse({ type: JobExplanationDocument })
  job(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<JobExplanation> {
    return this.explanations.job(caller, id);
  }

  @Post('explain')
  @HttpCode(200)
  @RequirePermission('jobs:read')
  @ApiOperation({
    summary: 'What would become of this job if it was submitted now',
    description:
      'Takes and checks the body of a submit. Nothing is stored, and secrets are not looked at. With `fanOut` it tells ' +
      'for each instance whether it would get a child, and if not, why.',
  })
  @ApiOkResponse({ type: JobExplanationDocument })
  whatIf(@CurrentCaller() caller: Caller, @Body() body: SubmitJobDto): Promise<JobExplanation> {
    return this.whatIfs.explain(caller, body);
  }
}
