import { INSTANCE_STATUSES } from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';

const timeOrNull = { type: String, format: 'date-time', nullable: true } as const;

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/runners.ts. */
export class ToolDocument {
  @ApiProperty({ example: 'terraform' }) name!: string;
  @ApiProperty({ type: String, nullable: true, description: 'As the tool tells it; null: unknown.' })
  version!: string | null;
}

export class InstanceJobDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ type: 'integer' }) attempt!: number;
}

export class InstanceDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ example: 'build-pool-0' }) name!: string;
  @ApiProperty({ enum: INSTANCE_STATUSES }) status!: string;
  @ApiProperty() hostName!: string;
  @ApiProperty() version!: string;
  @ApiProperty({ type: 'integer' }) slots!: number;
  @ApiProperty({ type: () => [ToolDocument] }) tools!: ToolDocument[];
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) labels!: object;
  @ApiProperty({ type: () => [InstanceJobDocument], description: 'What it runs now.' }) jobs!: InstanceJobDocument[];
  @ApiProperty(timeOrNull) connectedAt!: string | null;
  @ApiProperty(timeOrNull) lastSeenAt!: string | null;
  @ApiProperty(timeOrNull) disconnectedAt!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Why the last connection ended, in words.' })
  disconnectReason!: string | null;
  @ApiProperty({ description: 'An operator asked it to drain.' }) drainRequested!: boolean;
  @ApiProperty({ ...timeOrNull, description: 'When a drain gives up what still runs; null: it waits.' })
  drainDeadline!: string | null;
}

export class InstancePageDocument {
  @ApiProperty({ type: () => [InstanceDocument] }) items!: InstanceDocument[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}

/** Every instance of one runner. */
export class InstancesDocument {
  @ApiProperty({ type: () => [InstanceDocument] }) items!: InstanceDocument[];
}
