import { Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../access.decorators.js';
import { ConnectService } from './connect.service.js';
import type { TokenAnswer } from './connect.service.js';

const ANSWER = {
  type: 'object',
  required: ['access_token', 'token_type', 'expires_in'],
  properties: {
    access_token: { type: 'string' },
    token_type: { type: 'string', enum: ['Bearer'] },
    expires_in: { type: 'integer', description: 'Seconds' },
  },
};
const REFUSAL = {
  type: 'object',
  required: ['error', 'error_description'],
  properties: { error: { type: 'string' }, error_description: { type: 'string' } },
};

@ApiTags('access')
@Controller('connect')
export class ConnectController {
  constructor(private readonly connect: ConnectService) {}

  @Post('token')
  @Public()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Header('pragma', 'no-cache')
  @ApiOperation({ summary: 'OAuth 2.0 client credentials grant (RFC 6749 §4.4)' })
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({
    schema: {
      type: 'object',
      required: ['grant_type'],
      properties: {
        grant_type: { type: 'string', enum: ['client_credentials'] },
        client_id: { type: 'string', description: 'unless Basic is used' },
        client_secret: { type: 'string', description: 'unless Basic is used' },
      },
    },
  })
  @ApiOkResponse({ description: 'RFC 6749 §5.1', schema: ANSWER })
  @ApiResponse({ status: 400, description: 'RFC 6749 §5.2', schema: REFUSAL })
  @ApiResponse({ status: 401, description: 'invalid_client: unknown client or wrong secret', schema: REFUSAL })
  @ApiResponse({ status: 429, description: 'Too many failures; see Retry-After' })
  token(@Req() request: FastifyRequest): Promise<TokenAnswer> {
    const form = request.body instanceof URLSearchParams ? request.body : undefined;
    return this.connect.token(form, request.headers.authorization, request.ip);
  }
}
