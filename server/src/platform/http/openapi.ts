import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** `/api/docs` for people, `/api/openapi.json` for machines. Both are built when first asked for. */
export function serveOpenApi(app: INestApplication, version: string): void {
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
    .build();
  SwaggerModule.setup('api/docs', app, () => SwaggerModule.createDocument(app, config), {
    jsonDocumentUrl: 'api/openapi.json',
    yamlDocumentUrl: 'api/openapi.yaml',
    customSiteTitle: 'Dibs API',
  });
}
