import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, type Type } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ASSIGNMENT_KINDS, type AssignmentKind, type Page, type RoleGrantView } from '@dibs/shared';
import { CurrentCaller, RequirePermissionAt } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { PageQuery } from '../platform/page.js';
import { CreateRoleGrantDto, RoleGrantDocument, RoleGrantPageDocument } from './dto/role-grant.dto.js';
import { RoleGrantService } from './role-grant.service.js';

/** One for each kind of node, alike but for the path and whose grants count. */
export const ROLE_GRANT_CONTROLLERS: readonly Type[] = ASSIGNMENT_KINDS.map(controllerOf);

function controllerOf(kind: AssignmentKind): Type {
  const NODE_ID = new IdPipe(kind);
  const GRANT_ID = new IdPipe(`role grant of this ${kind}`);

  @ApiTags('modules')
  @Controller(`api/v1/${kind}s/:id/role-grants`)
  class RoleGrantController {
    constructor(private readonly grants: RoleGrantService) {}

    @Get()
    @RequirePermissionAt(kind, 'access:read')
    @ApiOperation({ summary: `Who has a role at the ${kind} itself, newest first` })
    @ApiOkResponse({ type: RoleGrantPageDocument })
    list(
      @CurrentCaller() caller: Caller,
      @Param('id', NODE_ID) id: string,
      @Query() query: PageQuery,
    ): Promise<Page<RoleGrantView>> {
      return this.grants.list(caller, kind, id, query);
    }

    @Post()
    @RequirePermissionAt(kind, 'access:manage')
    @ApiOperation({
      summary: `Grant a role at the ${kind} and all inside it, beside the role in the organization`,
      description: 'In the place of one that the same grantee has there.',
    })
    @ApiCreatedResponse({ type: RoleGrantDocument })
    create(
      @CurrentCaller() caller: Caller,
      @Param('id', NODE_ID) id: string,
      @Body() body: CreateRoleGrantDto,
    ): Promise<RoleGrantView> {
      return this.grants.create(caller, kind, id, body);
    }

    @Delete(':grantId')
    @HttpCode(204)
    @RequirePermissionAt(kind, 'access:manage')
    @ApiOperation({ summary: 'Take the role back' })
    @ApiNoContentResponse({ description: 'It does not count from the next call on' })
    delete(
      @CurrentCaller() caller: Caller,
      @Param('id', NODE_ID) id: string,
      @Param('grantId', GRANT_ID) grantId: string,
    ): Promise<void> {
      return this.grants.delete(caller, kind, id, grantId);
    }
  }

  // operations are named after it in OpenAPI, and must differ
  Object.defineProperty(RoleGrantController, 'name', { value: `${kind}RoleGrantController` });
  return RoleGrantController;
}
