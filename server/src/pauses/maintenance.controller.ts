import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { MaintenanceView } from '@dibs/shared';
import { CurrentCaller, RequirePermission, SignedIn } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { StartMaintenanceDto } from './dto/pause.dto.js';
import { MaintenanceDocument } from './dto/pause.document.js';
import { MaintenanceService } from './maintenance.service.js';

@ApiTags('pauses')
@Controller('api/v1/maintenance')
export class MaintenanceController {
  constructor(private readonly maintenance: MaintenanceService) {}

  @Get()
  @SignedIn()
  @ApiOperation({ summary: 'Whether the whole installation is in maintenance' })
  @ApiOkResponse({ type: MaintenanceDocument })
  view(@CurrentCaller() caller: Caller): Promise<MaintenanceView> {
    return this.maintenance.view(caller);
  }

  @Post()
  @HttpCode(201)
  @RequirePermission('access:manage')
  @ApiOperation({
    summary: 'Start nothing more, for any organization, until it is ended',
    description:
      'For owners of the organization that operates the installation (`default`). 409: it has begun already.',
  })
  @ApiCreatedResponse({ type: MaintenanceDocument })
  start(@CurrentCaller() caller: Caller, @Body() { note }: StartMaintenanceDto): Promise<MaintenanceView> {
    return this.maintenance.start(caller, note);
  }

  @Delete()
  @RequirePermission('access:manage')
  @ApiOperation({ summary: 'End maintenance; 404: there is none' })
  @ApiOkResponse({ type: MaintenanceDocument })
  end(@CurrentCaller() caller: Caller): Promise<MaintenanceView> {
    return this.maintenance.end(caller);
  }
}
