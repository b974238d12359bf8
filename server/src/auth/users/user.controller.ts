import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Page, UserView } from '@dibs/shared';
import { IdPipe } from '../../platform/http/id.pipe.js';
import { PageQuery } from '../../platform/page.js';
import { CurrentCaller, RequirePermission } from '../access.decorators.js';
import type { Caller } from '../caller.js';
import { CreateUserDto, UpdateUserDto } from './user.dto.js';
import { UserDocument, UserPageDocument } from './user.document.js';
import { UserService } from './user.service.js';

const USER_ID = new IdPipe('user');

@ApiTags('access')
@Controller('api/v1/users')
export class UserController {
  constructor(private readonly users: UserService) {}

  @Get()
  @RequirePermission('access:read')
  @ApiOkResponse({ type: UserPageDocument })
  list(@CurrentCaller() caller: Caller, @Query() query: PageQuery): Promise<Page<UserView>> {
    return this.users.list(caller.organizationId, query);
  }

  @Post()
  @RequirePermission('access:manage')
  @ApiCreatedResponse({ type: UserDocument })
  create(@CurrentCaller() caller: Caller, @Body() body: CreateUserDto): Promise<UserView> {
    return this.users.create(caller, body);
  }

  @Get(':id')
  @RequirePermission('access:read')
  @ApiOkResponse({ type: UserDocument })
  get(@CurrentCaller() caller: Caller, @Param('id', USER_ID) id: string): Promise<UserView> {
    return this.users.get(caller.organizationId, id);
  }

  @Patch(':id')
  @RequirePermission('access:manage')
  @ApiOkResponse({ type: UserDocument })
  update(
    @CurrentCaller() caller: Caller,
    @Param('id', USER_ID) id: string,
    @Body() body: UpdateUserDto,
  ): Promise<UserView> {
    return this.users.update(caller, id, body);
  }
}
