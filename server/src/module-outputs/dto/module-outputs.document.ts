import { ApiProperty } from '@nestjs/swagger';

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/modules.ts. */
const jobId = { type: String, format: 'uuid', nullable: true, description: 'The job that put them out.' } as const;

export class ModuleOutputsDocument {
  @ApiProperty({ type: 'integer', description: 'Counts up with each change; 0: nothing was ever put out.' })
  version!: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) changedAt!: string | null;
  @ApiProperty(jobId) jobId!: string | null;
  @ApiProperty({
    type: 'object',
    description: 'By their names.',
    additionalProperties: {
      type: 'object',
      required: ['sensitive'],
      properties: {
        sensitive: { type: 'boolean' },
        value: { description: 'Any JSON; not there when it is sensitive.' },
      },
    },
  })
  outputs!: object;
}

export class ModuleOutputVersionDocument {
  @ApiProperty({ type: 'integer' }) version!: number;
  @ApiProperty({ format: 'date-time' }) changedAt!: string;
  @ApiProperty({ ...jobId, description: 'null: it has been removed.' }) jobId!: string | null;
  @ApiProperty({
    type: [String],
    description: 'Names of those that are new, different or gone; the first 100 of them.',
  })
  changed!: string[];
  @ApiProperty({ type: 'integer', description: 'How many changed.' }) changedCount!: number;
}

export class ModuleOutputVersionPageDocument {
  @ApiProperty({ type: () => [ModuleOutputVersionDocument] }) items!: ModuleOutputVersionDocument[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}
