import { PERMISSIONS, ROLES } from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/access.ts. */
export class OwnOrganizationDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty() name!: string;
}

export class MeDocument {
  @ApiProperty({ enum: ['user', 'servicePrincipal', 'apiToken'] }) kind!: string;
  @ApiProperty() id!: string;
  @ApiProperty({ description: 'E-mail address, client id or name of the token.' }) name!: string;
  @ApiProperty({ enum: ROLES }) role!: string;
  @ApiProperty({ enum: PERMISSIONS, isArray: true }) permissions!: string[];
  @ApiProperty({ type: () => OwnOrganizationDocument }) organization!: OwnOrganizationDocument;
}
