import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page, ServicePrincipalCreated, ServicePrincipalView } from '@dibs/shared';
import { IdPipe } from '../../platform/http/id.pipe.js';
import { PageQuery } from '../../platform/page.js';
import { CurrentCaller, RequirePermission } from '../access.decorators.js';
import type { Caller } from '../caller.js';
import {
  ServicePrincipalCreatedDocument,
  ServicePrincipalDocument,
  ServicePrincipalPageDocument,
} from './service-principal.document.js';
import { CreateServicePrincipalDto, RotateSecretDto, UpdateServicePrincipalDto } from './service-principal.dto.js';
import { ServicePrincipalService } from './service-principal.service.js';

const PRINCIPAL_ID = new IdPipe('service principal');

@ApiTags('access')
@Controller('api/v1/service-principals')
export class ServicePrincipalController {
  constructor(private readonly principals: ServicePrincipalService) {}

  @Get()
  @RequirePermission('access:read')
  @ApiOkResponse({ type: ServicePrincipalPageDocument })
  list(@CurrentCaller() caller: Caller, @Query() query: PageQuery): Promise<Page<ServicePrincipalView>> {
    return this.principals.list(caller.organizationId, query);
  }

  @Post()
  @RequirePermission('access:manage')
  @ApiOperation({ summary: 'The answer holds the secret, this once' })
  @ApiCreatedResponse({ type: ServicePrincipalCreatedDocument })
  create(@CurrentCaller() caller: Caller, @Body() body: CreateServicePrincipalDto): Promise<ServicePrincipalCreated> {
    return this.principals.create(caller, body);
  }

  @Get(':id')
  @RequirePermission('access:read')
  @ApiOkResponse({ type: ServicePrincipalDocument })
  get(@CurrentCaller() caller: Caller, @Param('id', PRINCIPAL_ID) id: string): Promise<ServicePrincipalView> {
    return this.principals.get(caller.organizationId, id);
  }

  @Patch(':id')
  @RequirePermission('access:manage')
  @ApiOkResponse({ type: ServicePrincipalDocument })
  update(
    @CurrentCaller() caller: Caller,
    @Param('id', PRINCIPAL_ID) id: string,
    @Body() body: UpdateServicePrincipalDto,
  ): Promise<ServicePrincipalView> {
    return this.principals.update(caller, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('access:manage')
  @ApiNoContentResponse({ description: 'It and its tokens are refused from now on' })
  delete(@CurrentCaller() caller: Caller, @Param('id', PRINCIPAL_ID) id: string): Promise<void> {
    return this.principals.delete(caller, id);
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @RequirePermission('access:manage')
  @ApiOperation({ summary: 'A new secret, shown this once; earlier ones end at once or after overlapSeconds' })
  @ApiOkResponse({ type: ServicePrincipalCreatedDocument })
  rotateSecret(
    @CurrentCaller() caller: Caller,
    @Param('id', PRINCIPAL_ID) id: string,
    @Body() body: RotateSecretDto,
  ): Promise<ServicePrincipalCreated> {
    return this.principals.rotateSecret(caller, id, body);
  }
}
