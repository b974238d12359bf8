import { PAUSE_TARGET_TYPES } from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/pauses.ts. */
export class PauseTargetDocument {
  @ApiProperty({ enum: PAUSE_TARGET_TYPES }) type!: string;
  @ApiProperty({ description: 'Id of the runner or organization, or the `lane` that a job shows.' }) id!: string;
}

export class PauseDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ type: () => PauseTargetDocument }) target!: PauseTargetDocument;
  @ApiProperty({ description: 'Why.' }) note!: string;
  @ApiProperty({ description: 'Name of the user, service principal or API token that paused it.' }) who!: string;
  @ApiProperty({ format: 'date-time' }) since!: string;
}

export class PausePageDocument {
  @ApiProperty({ type: () => [PauseDocument] }) items!: PauseDocument[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}

export class CurrentMaintenanceDocument {
  @ApiProperty({ description: 'Why.' }) note!: string;
  @ApiProperty({ format: 'date-time' }) since!: string;
}

export class MaintenanceDocument {
  @ApiProperty({
    type: () => CurrentMaintenanceDocument,
    nullable: true,
    description: 'null: the installation works as ever.',
  })
  maintenance!: CurrentMaintenanceDocument | null;
  @ApiProperty({ description: 'Whether the caller may begin and end it.' }) mayControl!: boolean;
}
