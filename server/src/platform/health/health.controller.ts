import { Controller, Get, Header, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../../auth/access.decorators.js';
import { Database } from '../../database/database.js';
import { AppError } from '../errors.js';
import { ShutdownState } from './shutdown-state.js';

const OK = { type: 'object', required: ['status'], properties: { status: { type: 'string', enum: ['ok'] } } };

@ApiTags('operations')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: Database,
    private readonly shutdown: ShutdownState,
  ) {}

  /** The process answers. Says nothing about the database: restarting the server would not help that. */
  @Get('live')
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The process answers' })
  @ApiOkResponse({ schema: OK })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** May this server be given requests? */
  @Get('ready')
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'This server may be given requests' })
  @ApiOkResponse({ schema: OK })
  @ApiResponse({ status: 503, description: 'The database does not answer, or the server is shutting down' })
  async ready(): Promise<{ status: 'ok' }> {
    if (this.shutdown.isShuttingDown) throw notReady('The server is shutting down.');
    try {
      await this.health.check([() => this.databaseAnswers()]);
    } catch (error) {
      if (error instanceof ServiceUnavailableException) throw notReady('The database does not answer.');
      throw error;
    }
    return { status: 'ok' };
  }

  private async databaseAnswers(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('database');
    try {
      await this.database.query(PING);
      return indicator.up();
    } catch {
      return indicator.down();
    }
  }
}

const PING = { name: 'health-ping', text: 'SELECT 1' };

function notReady(detail: string): AppError {
  return new AppError(503, 'not_ready', detail, { headers: { 'retry-after': '1' } });
}
