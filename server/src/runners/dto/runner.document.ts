import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ClientCredentialsDocument } from '../../auth/principals/service-principal.document.js';

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/runners.ts. */
export class InstanceCountsDocument {
  @ApiProperty({ type: 'integer' }) online!: number;
  @ApiProperty({ type: 'integer' }) draining!: number;
  @ApiProperty({ type: 'integer' }) offline!: number;
}

export class RunnerDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ example: 'build-pool' }) name!: string;
  @ApiProperty({ format: 'uuid' }) servicePrincipalId!: string;
  @ApiProperty() allowMultipleInstances!: boolean;
  @ApiProperty() isAssignedToAllModules!: boolean;
  @ApiProperty({ type: 'integer', description: 'How many stacks, namespaces and modules it is assigned to.' })
  assignments!: number;
  @ApiProperty({ type: 'integer' }) priority!: number;
  @ApiProperty() disabled!: boolean;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
  @ApiProperty({ type: () => InstanceCountsDocument }) instances!: InstanceCountsDocument;
}

export class RunnerPageDocument {
  @ApiProperty({ type: () => [RunnerDocument] }) items!: RunnerDocument[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}

export class RunnerCreatedDocument extends RunnerDocument {
  @ApiPropertyOptional({
    type: () => ClientCredentialsDocument,
    description: 'Shown this once; absent when an existing service principal was named.',
  })
  credentials?: ClientCredentialsDocument;
}
