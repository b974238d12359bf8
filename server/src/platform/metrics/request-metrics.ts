import { Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { OnModuleInit } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { Metrics } from './metrics.js';

/** Counts and times every HTTP answer, and writes it to the debug log. */
@Injectable()
export class RequestMetrics implements OnModuleInit {
  private readonly logger = new Logger('Http');

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    const seconds = this.metrics.histogram('dibs_http_request_seconds', 'Time until an HTTP answer was complete', [
      'method',
      'route',
      'status',
    ]);
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    fastify.addHook('onResponse', (request, reply, done) => {
      // the route's pattern, not the path: ids must not become labels
      const route = request.routeOptions.url ?? 'none';
      const method = METHODS.has(request.method) ? request.method : 'other';
      seconds.observe({ method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
      this.logger.debug(
        { requestId: request.id, method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
        'answered',
      );
      done();
    });
  }
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
