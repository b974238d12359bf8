import { JOB_REASONS, JOB_STATES } from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';
import { JobTimelineView } from '../../jobs/dto/views.dto.js';

/** What the answer looks like, for OpenAPI only: the types themselves are in shared/src/rest/timeline.ts. */
export class TimelineJobDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ enum: JOB_STATES }) state!: string;
  @ApiProperty({ enum: Object.keys(JOB_REASONS), nullable: true }) reason!: string | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The fan-out job it is a child of.' })
  parentId!: string | null;
}

export class JobTimelineDocument {
  @ApiProperty({ type: () => TimelineJobDocument }) job!: TimelineJobDocument;
  @ApiProperty({ format: 'date-time', description: 'When it was read.' }) exportedAt!: string;
  @ApiProperty({ description: 'true: older entries were left out, because there are too many.' }) truncated!: boolean;
  @ApiProperty({ type: () => [JobTimelineView] }) entries!: JobTimelineView[];
}
