import { ROLES } from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/access.ts. */
export class ClientCredentialsDocument {
  @ApiProperty() clientId!: string;
  @ApiProperty({ description: 'Shown this once.' }) clientSecret!: string;
}

export class ServicePrincipalDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty() name!: string;
  @ApiProperty() clientId!: string;
  @ApiProperty({
    enum: ROLES,
    nullable: true,
    description: "null: a runner's principal, which may use nothing but the runner link.",
  })
  role!: string | null;
  @ApiProperty() disabled!: boolean;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
}

export class ServicePrincipalPageDocument {
  @ApiProperty({ type: () => [ServicePrincipalDocument] }) items!: ServicePrincipalDocument[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}

export class ServicePrincipalCreatedDocument extends ServicePrincipalDocument {
  @ApiProperty({ type: () => ClientCredentialsDocument }) credentials!: ClientCredentialsDocument;
}
