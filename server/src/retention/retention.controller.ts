import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { RetentionView } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { RetentionDto, RetentionRuleDto } from './dto/retention.dto.js';
import { RetentionService } from './retention.service.js';

@ApiTags('access')
@Controller('api/v1/organization/retention')
export class RetentionController {
  constructor(private readonly retention: RetentionService) {}

  @Get()
  @RequirePermission('access:read')
  @ApiOperation({ summary: 'How long logs and jobs are kept, and what logs take' })
  @ApiOkResponse({ type: RetentionDto })
  get(@CurrentCaller() caller: Caller): Promise<RetentionView> {
    return this.retention.get(caller.organizationId);
  }

  @Put()
  @RequirePermission('access:manage')
  @ApiOperation({
    summary: 'Set how long logs and jobs are kept',
    description: 'What is to go is removed within the hour, and does not come back.',
  })
  @ApiOkResponse({ type: RetentionDto })
  set(@CurrentCaller() caller: Caller, @Body() body: RetentionRuleDto): Promise<RetentionView> {
    return this.retention.set(caller, body);
  }
}
