import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { OrganizationSettingsView } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { OrganizationSettingsDocument } from './dto/hierarchy.document.js';
import { UpdateOrganizationSettingsDto } from './dto/hierarchy.dto.js';
import { HierarchyService } from './hierarchy.service.js';

@ApiTags('modules')
@Controller('api/v1/organization/module-settings')
export class OrganizationSettingsController {
  constructor(private readonly hierarchy: HierarchyService) {}

  @Get()
  @RequirePermission('modules:read')
  @ApiOperation({ summary: 'What every module of the organization starts from' })
  @ApiOkResponse({ type: OrganizationSettingsDocument })
  get(@CurrentCaller() caller: Caller): Promise<OrganizationSettingsView> {
    return this.hierarchy.organizationSettings(caller);
  }

  @Patch()
  @RequirePermission('modules:manage')
  @ApiOperation({ summary: 'Change what every module starts from; jobs that were submitted stay as they are' })
  @ApiOkResponse({ type: OrganizationSettingsDocument })
  update(
    @CurrentCaller() caller: Caller,
    @Body() body: UpdateOrganizationSettingsDto,
  ): Promise<OrganizationSettingsView> {
    return this.hierarchy.updateOrganizationSettings(caller, body);
  }
}
