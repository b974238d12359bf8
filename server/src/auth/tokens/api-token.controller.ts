import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ApiTokenCreated, ApiTokenView, Page } from '@dibs/shared';
import { IdPipe } from '../../platform/http/id.pipe.js';
import { PageQuery } from '../../platform/page.js';
import { CurrentCaller, RequirePermission } from '../access.decorators.js';
import type { Caller } from '../caller.js';
import { ApiTokenCreatedDocument, ApiTokenPageDocument } from './api-token.document.js';
import { CreateApiTokenDto } from './api-token.dto.js';
import { ApiTokenService } from './api-token.service.js';

@ApiTags('access')
@Controller('api/v1/api-tokens')
export class ApiTokenController {
  constructor(private readonly tokens: ApiTokenService) {}

  @Get()
  @RequirePermission('access:read')
  @ApiOkResponse({ type: ApiTokenPageDocument })
  list(@CurrentCaller() caller: Caller, @Query() query: PageQuery): Promise<Page<ApiTokenView>> {
    return this.tokens.list(caller.organizationId, query);
  }

  @Post()
  @RequirePermission('access:manage')
  @ApiOperation({ summary: 'The answer holds the token, this once' })
  @ApiCreatedResponse({ type: ApiTokenCreatedDocument })
  create(@CurrentCaller() caller: Caller, @Body() body: CreateApiTokenDto): Promise<ApiTokenCreated> {
    return this.tokens.create(caller, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('access:manage')
  @ApiNoContentResponse({ description: 'It is refused from now on' })
  revoke(@CurrentCaller() caller: Caller, @Param('id', new IdPipe('API token')) id: string): Promise<void> {
    return this.tokens.revoke(caller, id);
  }
}
