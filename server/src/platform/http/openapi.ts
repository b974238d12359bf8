import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.js';

/** `/api/openapi.json` for machines, built when it is first asked for; `/api/docs` for people. */
export function serveOpenApi(app: INestApplication, version: string): void {
  const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
  let document: OpenAPIObject | undefined;
  fastify.get('/api/openapi.json', (_request, reply) => reply.send((document ??= describe(app, version))));
  serveViewer(fastify);
}

function describe(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Dibs')
    .setDescription(
      'Push-dispatch job server. Credentials: `Authorization: Bearer` with an access token of `POST /connect/token` ' +
        "or with an API token (`dibs_…`); browsers use the dashboard's session cookie. Errors are " +
        '`application/problem+json` with a stable `code` and, for bad input, one entry in `errors` per wrong property. ' +
        'Ids of other organizations are answered like ids that do not exist (404).',
    )
    .setVersion(version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'Access token (JWT) or API token (dibs_…)' })
    .addCookieAuth('dibs_session')
    .addGlobalResponse({ status: 'default', description: 'Every refusal and failure', content: PROBLEM })
    .build();
  return SwaggerModule.createDocument(app, config);
}

/** shared/src/rest/problem.ts */
const PROBLEM = {
  'application/problem+json': {
    schema: {
      type: 'object',
      required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
      properties: {
        type: { type: 'string' },
        title: { type: 'string' },
        status: { type: 'integer' },
        code: { type: 'string', description: 'Stable, to branch on.' },
        detail: { type: 'string' },
        requestId: { type: 'string' },
        errors: {
          type: 'array',
          description: 'For bad input: one for each wrong property.',
          items: {
            type: 'object',
            required: ['path', 'message'],
            properties: {
              path: { type: 'string', example: 'steps[0].run' },
              message: { type: 'string' },
              line: { type: 'integer', description: 'In a text that was sent, as YAML.' },
              column: { type: 'integer' },
            },
          },
        },
      },
    },
  },
};

/**
 * Swagger UI, by three files of its package. Nest's own way of serving it needs @fastify/static, whose dependencies
 * are ESM-only behind `require`, which jest cannot load.
 */
function serveViewer(fastify: FastifyInstance): void {
  const swagger = createRequire(createRequire(import.meta.url).resolve('@nestjs/swagger'));
  const folder = path.dirname(swagger.resolve('swagger-ui-dist/package.json'));

  fastify.get('/api/docs', (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  fastify.get<{ Params: { file: string } }>('/api/docs/:file', (request, reply) => {
    const { file } = request.params;
    if (file === 'start.js') return reply.type('text/javascript; charset=utf-8').send(START);
    const type = VIEWER_FILES.get(file);
    if (type === undefined) throw new AppError(404, 'not_found', 'There is no such route.');
    return reply
      .type(type)
      .header('cache-control', 'public, max-age=3600')
      .send(createReadStream(path.join(folder, file)));
  });
}

const VIEWER_FILES: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['favicon-32x32.png', 'image/png'],
]);

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Dibs API</title>
    <link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/api/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/api/docs/swagger-ui-bundle.js"></script>
    <script src="/api/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#swagger-ui', deepLinking: true });\n`;
