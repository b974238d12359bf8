import { Body, Controller, Header, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { LiveTicket } from '@dibs/shared';
import type { FastifyRequest } from 'fastify';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { TicketService } from '../auth/ticket.service.js';
import { NoBodyPipe } from '../platform/http/no-body.pipe.js';
import { HTTP_SETTINGS, type HttpSettings } from '../platform/settings.js';

@ApiTags('live')
@Controller('api/v1/live')
export class LiveTicketController {
  constructor(
    private readonly tickets: TicketService,
    @Inject(HTTP_SETTINGS) private readonly settings: HttpSettings,
  ) {}

  @Post('ticket')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @RequirePermission('jobs:read')
  @ApiOperation({ summary: 'A ticket for one connection to the live socket, good for a minute' })
  @ApiOkResponse({ schema: { type: 'object', properties: { ticket: { type: 'string' }, url: { type: 'string' } } } })
  issue(@CurrentCaller() caller: Caller, @Req() request: FastifyRequest, @Body(NoBodyPipe) _none: unknown): LiveTicket {
    const url = this.settings.publicUrl ?? `${request.protocol}://${request.host}`;
    return { ticket: this.tickets.issue(caller), url };
  }
}
