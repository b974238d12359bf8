import { Body, Controller, Delete, Get, Header, HttpCode, Post, Put, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Me } from '@dibs/shared';
import { CurrentCaller, Public, SignedIn } from '../access.decorators.js';
import type { Caller } from '../caller.js';
import { ChangePasswordDto } from '../dto/change-password.dto.js';
import { SignInDto } from '../dto/sign-in.dto.js';
import { MeDocument } from './me.document.js';
import { MeService } from './me.service.js';
import { OwnPasswordService } from './own-password.service.js';
import { SessionCookie } from './session-cookie.js';
import { SessionService } from './session.service.js';

@ApiTags('session')
@Controller('api/v1/session')
export class SessionController {
  constructor(
    private readonly sessions: SessionService,
    private readonly cookie: SessionCookie,
    private readonly me: MeService,
    private readonly passwords: OwnPasswordService,
  ) {}

  @Post()
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'Sign in: sets the cookie dibs_session' })
  @ApiOkResponse({ type: MeDocument })
  @ApiResponse({ status: 401, description: 'Unknown user or wrong password' })
  @ApiResponse({ status: 429, description: 'Too many failures; see Retry-After' })
  async signIn(
    @Body() body: SignInDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Me> {
    this.cookie.demandOwnOrigin(request);
    const session = await this.sessions.signIn(body.email, body.password, request.ip);
    this.cookie.set(request, reply, session.token, session.expiresAt);
    return this.me.of(session.caller);
  }

  @Get()
  @SignedIn()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Who am I, whichever credentials were used' })
  @ApiOkResponse({ type: MeDocument })
  show(@CurrentCaller() caller: Caller): Promise<Me> {
    return this.me.of(caller);
  }

  @Delete()
  @SignedIn()
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign out' })
  @ApiNoContentResponse({ description: 'The session is over and its cookie taken back' })
  async signOut(
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const token = this.cookie.read(request);
    if (token !== null) await this.sessions.signOut(token, caller);
    this.cookie.clear(request, reply);
  }

  @Put('password')
  @SignedIn()
  @HttpCode(204)
  @ApiOperation({ summary: "Change one's own password; the current one is asked for" })
  @ApiNoContentResponse({ description: 'It counts from now on; all other sessions of the user have ended' })
  @ApiResponse({ status: 403, description: 'A service principal or API token, which has no password' })
  @ApiResponse({ status: 429, description: 'Too many failures; see Retry-After' })
  changePassword(
    @CurrentCaller() caller: Caller,
    @Body() body: ChangePasswordDto,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.passwords.change(caller, body, this.cookie.read(request), request.ip);
  }
}
