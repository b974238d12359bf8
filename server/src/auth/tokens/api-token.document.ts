import { ROLES } from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';

const timeOrNull = { type: String, format: 'date-time', nullable: true } as const;

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/access.ts. */
export class ApiTokenDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ enum: ROLES }) role!: string;
  @ApiProperty({ description: 'First characters of the token, to recognise it by.' }) prefix!: string;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
  @ApiProperty({ ...timeOrNull, description: 'null: good until it is revoked.' }) expiresAt!: string | null;
  @ApiProperty(timeOrNull) lastUsedAt!: string | null;
}

export class ApiTokenPageDocument {
  @ApiProperty({ type: () => [ApiTokenDocument] }) items!: ApiTokenDocument[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}

export class ApiTokenCreatedDocument extends ApiTokenDocument {
  @ApiProperty({ description: 'Shown this once.' }) token!: string;
}
