import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AssignmentView, RunnerAssignments } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { AssignmentService } from './assignment.service.js';
import {
  AssignmentDocument,
  AssignToEverythingDto,
  CreateAssignmentDto,
  RunnerAssignmentsDocument,
} from './dto/assignments.dto.js';

const RUNNER_ID = new IdPipe('runner');

@ApiTags('runners')
@Controller('api/v1/runners/:id/assignments')
export class AssignmentController {
  constructor(private readonly assignments: AssignmentService) {}

  @Get()
  @RequirePermission('runners:read')
  @ApiOperation({ summary: 'Whose jobs the runner may take' })
  @ApiOkResponse({ type: RunnerAssignmentsDocument })
  list(@CurrentCaller() caller: Caller, @Param('id', RUNNER_ID) id: string): Promise<RunnerAssignments> {
    return this.assignments.list(caller, id);
  }

  @Put()
  @RequirePermission('runners:manage')
  @ApiOperation({ summary: 'Assign the runner to everything, or only to what is listed' })
  @ApiOkResponse({ type: RunnerAssignmentsDocument })
  assignToEverything(
    @CurrentCaller() caller: Caller,
    @Param('id', RUNNER_ID) id: string,
    @Body() { isAssignedToAllModules }: AssignToEverythingDto,
  ): Promise<RunnerAssignments> {
    return this.assignments.assignToEverything(caller, id, isAssignedToAllModules);
  }

  @Post()
  @RequirePermission('runners:manage')
  @ApiOperation({ summary: 'Assign the runner to a stack, a namespace or a module, inner parts included' })
  @ApiCreatedResponse({ type: AssignmentDocument, description: 'Also when the assignment was there already' })
  create(
    @CurrentCaller() caller: Caller,
    @Param('id', RUNNER_ID) id: string,
    @Body() body: CreateAssignmentDto,
  ): Promise<AssignmentView> {
    return this.assignments.create(caller, id, body);
  }

  @Delete(':assignmentId')
  @HttpCode(204)
  @RequirePermission('runners:manage')
  @ApiOperation({ summary: 'Take the assignment back' })
  @ApiNoContentResponse({ description: 'Its jobs may not use the runner any more' })
  delete(
    @CurrentCaller() caller: Caller,
    @Param('id', RUNNER_ID) id: string,
    @Param('assignmentId', new IdPipe('assignment of this runner')) assignmentId: string,
  ): Promise<void> {
    return this.assignments.delete(caller, id, assignmentId);
  }
}
