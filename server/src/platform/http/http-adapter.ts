import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import fastifyCookie from '@fastify/cookie';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, badRequest } from '../errors.js';
import type { HttpSettings } from '../settings.js';
import { JSON_BODY_LIMIT_BYTES, parseJsonBody } from './json-body.js';
import { TOKEN_PATH } from './oauth-error.js';
import { toAppError, toProblem } from './problem.js';
import {
  applyBodyLimit,
  ARCHIVE_TYPES,
  BYTES_TYPE,
  otherTypeExpected,
  refuseBytes,
  refuseYaml,
  YAML_TYPE,
} from './route-body.js';
import { RouteTable } from './route-table.js';
import { securityHeaders } from './security-headers.js';

const FORM_BODY_LIMIT_BYTES = 16 * 1024;

/** Fastify, set up before Nest adds its routes. */
export async function createHttpAdapter(
  settings: HttpSettings,
): Promise<{ adapter: FastifyAdapter; routes: RouteTable }> {
  const adapter = new FastifyAdapter({
    bodyLimit: JSON_BODY_LIMIT_BYTES,
    // behind a load balancer the server must be the last to close an idle connection, else some requests end in 502
    keepAliveTimeout: 75_000,
    // time for a request to arrive, headers and body; the answer may take longer (`wait`, `follow`)
    requestTimeout: 60_000,
    trustProxy: settings.trustedProxies > 0 && ((_address: string, hop: number) => hop < settings.trustedProxies),
    genReqId: () => randomUUID(),
    forceCloseConnections: 'idle',
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const problem = toProblem(toAppError(adapter.mapException(error)), request.id);
      void reply.status(problem.status).type('application/problem+json; charset=utf-8').send(JSON.stringify(problem));
    },
    clientErrorHandler: answerBrokenHttp,
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  fastify.server.headersTimeout = 30_000;
  const routes = new RouteTable();
  fastify.addHook('onRoute', (route) => {
    routes.add(route.method, route.url);
    applyBodyLimit(route);
  });
  const headers = securityHeaders(settings);
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers(headers).header('x-request-id', request.id);
    // PostgreSQL cannot store it, so nothing that is named by a path or query can contain it
    const nul = request.url.includes('%00');
    done(
      nul ? badRequest('forbidden_character', 'The URL may not contain the NUL character.') : refuseHeaders(request),
    );
  });
  addBodyParsers(fastify);
  await adapter.register(fastifyCookie as never);
  return { adapter, routes };
}

/** Headers that this server and a proxy in front of it could understand differently. */
function refuseHeaders({ raw, headers }: FastifyRequest): AppError | undefined {
  const credentials = raw.headersDistinct['authorization'] ?? [];
  if (credentials.length > 1) return badRequest('malformed_request', 'There must be one Authorization header.');
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return new AppError(415, 'unsupported_encoding', 'The body must be sent without Content-Encoding.');
  }
  return undefined;
}

function addBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
  fastify.addContentTypeParser(YAML_TYPE, { parseAs: 'buffer' }, (request, body, done) =>
    done(refuseYaml(request) ?? null, body),
  );
  fastify.addContentTypeParser([BYTES_TYPE, ...ARCHIVE_TYPES], (request, payload, done) =>
    done(refuseBytes(request) ?? null, payload),
  );
  fastify.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BODY_LIMIT_BYTES },
    (request, body, done) => {
      // a form is what other sites' pages can send too; only the token endpoint has a reason to take one
      if (request.is404 || request.url.split('?', 1)[0] === TOKEN_PATH) done(null, new URLSearchParams(body as string));
      else done(otherTypeExpected(request.routeOptions.config), undefined);
    },
  );
}

/** What is not even HTTP never reaches a route; Node's own answer would have no body. */
function answerBrokenHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const { status, text, code, detail } = BROKEN[error.code ?? ''] ?? MALFORMED;
  const problem = toProblem(new AppError(status, code, detail), randomUUID());
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status} ${text}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

interface BrokenHttp {
  readonly status: number;
  readonly text: string;
  readonly code: string;
  readonly detail: string;
}

const MALFORMED: BrokenHttp = {
  status: 400,
  text: 'Bad Request',
  code: 'malformed_request',
  detail: 'The request is not valid HTTP.',
};

const BROKEN: Readonly<Record<string, BrokenHttp>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    text: 'Request Timeout',
    code: 'request_timeout',
    detail: 'The request took too long to arrive.',
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    text: 'Request Header Fields Too Large',
    code: 'headers_too_large',
    detail: 'The headers are larger than 16 KiB.',
  },
};
