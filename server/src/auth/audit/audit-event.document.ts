import { ApiProperty } from '@nestjs/swagger';

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/access.ts. */
export class AuditEventDocument {
  @ApiProperty() id!: string;
  @ApiProperty({ format: 'date-time' }) at!: string;
  @ApiProperty({ description: "`user`, `servicePrincipal`, `apiToken`, or `system` for the server's own start." })
  actorKind!: string;
  @ApiProperty() actorId!: string;
  @ApiProperty({ type: String, nullable: true, description: 'What it is called now; null: it is gone.' })
  actorName!: string | null;
  @ApiProperty({ example: 'pause.created' }) action!: string;
  @ApiProperty({ description: 'Id of what it was done to.' }) target!: string;
  @ApiProperty({ type: String, nullable: true, description: 'What that is called now, or was then.' })
  targetName!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true }) data!: object;
}

export class AuditPageDocument {
  @ApiProperty({ type: () => [AuditEventDocument] }) items!: AuditEventDocument[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}
