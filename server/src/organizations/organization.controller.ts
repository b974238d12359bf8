import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { OrganizationView } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { OrganizationDto, UpdateOrganizationDto } from './dto/organization.dto.js';
import { OrganizationService } from './organization.service.js';

@ApiTags('access')
@Controller('api/v1/organization')
export class OrganizationController {
  constructor(private readonly organizations: OrganizationService) {}

  @Get()
  @RequirePermission('access:read')
  @ApiOperation({ summary: "The caller's own organization" })
  @ApiOkResponse({ type: OrganizationDto })
  get(@CurrentCaller() caller: Caller): Promise<OrganizationView> {
    return this.organizations.get(caller.organizationId);
  }

  @Patch()
  @RequirePermission('access:manage')
  @ApiOperation({ summary: 'Rename it; set or lift its quota of jobs, where what runs already goes on' })
  @ApiOkResponse({ type: OrganizationDto })
  update(@CurrentCaller() caller: Caller, @Body() body: UpdateOrganizationDto): Promise<OrganizationView> {
    return this.organizations.update(caller, body);
  }
}
