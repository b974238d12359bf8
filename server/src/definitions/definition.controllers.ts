import { Body, Controller, Get, Header, Param, Put, Query, type Type } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ASSIGNMENT_KINDS, type AssignmentKind, type DefinitionChanges } from '@dibs/shared';
import { CurrentCaller, RequirePermission, RequirePermissionAt } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { TakesYamlUpTo, YAML_TYPE } from '../platform/http/route-body.js';
import { DefinitionService } from './definition.service.js';
import { MAX_DEFINITION_BYTES } from './definition-limits.js';
import { DefinitionChangesDocument, ImportDefinitionQuery } from './dto/definition.dto.js';

const TEXT = { content: { [YAML_TYPE]: { schema: { type: 'string' as const } } } };
const BODY = { schema: { type: 'object' as const }, description: 'As `GET` answers, also as JSON; at most 4 MiB.' };
const EXPORTED = {
  summary: 'Settings here and inside as YAML: the same always as the same text, secrets without their values',
};
const IMPORTED = {
  summary: 'Make of the settings here and inside what the definition says, all or nothing',
  description:
    'Settings that it leaves out are inherited again. A secret without a value keeps the one that is stored. 400 names the line and column of what is wrong; 409: something cannot be deleted, or another definition is being imported.',
};

@ApiTags('modules')
@Controller('api/v1/organization/definition')
export class OrganizationDefinitionController {
  constructor(private readonly definitions: DefinitionService) {}

  @Get()
  @RequirePermission('modules:read')
  @Header('content-type', `${YAML_TYPE}; charset=utf-8`)
  @ApiOperation(EXPORTED)
  @ApiOkResponse(TEXT)
  get(@CurrentCaller() caller: Caller): Promise<string> {
    return this.definitions.export(caller, 'organization', caller.organizationId);
  }

  @Put()
  @RequirePermission('modules:manage')
  @TakesYamlUpTo(MAX_DEFINITION_BYTES)
  @ApiOperation(IMPORTED)
  @ApiBody(BODY)
  @ApiOkResponse({ type: DefinitionChangesDocument })
  put(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Query() query: ImportDefinitionQuery,
  ): Promise<DefinitionChanges> {
    return this.definitions.import(caller, 'organization', caller.organizationId, body, optionsOf(query));
  }
}

/** One for each kind of node, alike but for the path and whose grants count. */
const NODE_DEFINITION_CONTROLLERS: readonly Type[] = ASSIGNMENT_KINDS.map(controllerOf);

function controllerOf(kind: AssignmentKind): Type {
  const NODE_ID = new IdPipe(kind);

  @ApiTags('modules')
  @Controller(`api/v1/${kind}s/:id/definition`)
  class DefinitionController {
    constructor(private readonly definitions: DefinitionService) {}

    @Get()
    @RequirePermission('modules:read')
    @Header('content-type', `${YAML_TYPE}; charset=utf-8`)
    @ApiOperation(EXPORTED)
    @ApiOkResponse(TEXT)
    get(@CurrentCaller() caller: Caller, @Param('id', NODE_ID) id: string): Promise<string> {
      return this.definitions.export(caller, kind, id);
    }

    @Put()
    @RequirePermissionAt(kind, 'modules:manage')
    @TakesYamlUpTo(MAX_DEFINITION_BYTES)
    @ApiOperation(IMPORTED)
    @ApiBody(BODY)
    @ApiOkResponse({ type: DefinitionChangesDocument })
    put(
      @CurrentCaller() caller: Caller,
      @Param('id', NODE_ID) id: string,
      @Body() body: unknown,
      @Query() query: ImportDefinitionQuery,
    ): Promise<DefinitionChanges> {
      return this.definitions.import(caller, kind, id, body, optionsOf(query));
    }
  }

  // operations are named after it in OpenAPI, and must differ
  Object.defineProperty(DefinitionController, 'name', { value: `${kind}DefinitionController` });
  return DefinitionController;
}

function optionsOf({ dryRun, prune }: ImportDefinitionQuery) {
  return { dryRun: dryRun === 'true', prune: prune === 'true' };
}

export const DEFINITION_CONTROLLERS: readonly Type[] = [
  OrganizationDefinitionController,
  ...NODE_DEFINITION_CONTROLLERS,
];
