import { Catch, Logger, NotFoundException } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { TOKEN_PATH, toOAuthError } from './oauth-error.js';
import type { OAuthErrorBody } from './oauth-error.js';
import { toAppError, toProblem } from './problem.js';
import { RouteTable } from './route-table.js';

/** Every error of an HTTP request ends here and leaves as problem+json (or, for tokens, as RFC 6749 says). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(private readonly routes: RouteTable) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = toAppError(this.withMethods(thrown, request));
    if (error.status >= 500) this.report(error, request);
    if (reply.raw.headersSent) {
      // a stream that breaks can only be cut: its caller must not take it for complete
      reply.raw.destroy();
      return;
    }
    send(error, request, reply);
  }

  private withMethods(thrown: unknown, request: FastifyRequest): unknown {
    if (!(thrown instanceof NotFoundException)) return thrown;
    const methods = this.routes.methodsFor(pathOf(request));
    if (methods.length === 0) return new AppError(404, 'not_found', 'There is no such route.');
    const allow = methods.join(', ');
    return new AppError(405, 'method_not_allowed', `This route takes ${allow}.`, { headers: { allow } });
  }

  private report(error: AppError, request: FastifyRequest): void {
    const fields = { requestId: request.id, method: request.method, path: pathOf(request), code: error.code };
    if (error.status === 503) this.logger.warn({ ...fields, reason: reasonOf(error.cause) }, 'request refused');
    else this.logger.error({ ...fields, err: error.cause ?? error }, 'request failed');
  }
}

function send(error: AppError, request: FastifyRequest, reply: FastifyReply): void {
  if (pathOf(request) === TOKEN_PATH) {
    const oauth = toOAuthError(error);
    const body: OAuthErrorBody = { error: oauth.oauthCode, error_description: oauth.detail };
    void reply
      .status(oauth.status)
      .headers({ ...oauth.headers, 'cache-control': 'no-store', pragma: 'no-cache' })
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(body));
    return;
  }
  void reply
    .status(error.status)
    .headers({ ...error.headers })
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(toProblem(error, request.id)));
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!;
}

function reasonOf(cause: unknown): string | undefined {
  return cause instanceof Error ? cause.message : undefined;
}
