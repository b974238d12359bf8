import { JOB_STATES } from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';
import { LogRowDocument } from '../../logs/dto/log.document.js';

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/log-search.ts. */
class JobOfLineDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ enum: JOB_STATES }) state!: string;
  @ApiProperty({ type: String, nullable: true, description: 'Who holds or held it last.' }) runner!: string | null;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) finishedAt!: string | null;
}

class FoundLineDocument {
  @ApiProperty({ type: 'integer', minimum: 1 }) attempt!: number;
  @ApiProperty({ type: String, nullable: true, description: "null: of the runner's preparation." })
  stepName!: string | null;
  @ApiProperty({ type: () => LogRowDocument }) line!: LogRowDocument;
}

class FoundJobDocument {
  @ApiProperty({ type: () => JobOfLineDocument }) job!: JobOfLineDocument;
  @ApiProperty({
    type: () => [FoundLineDocument],
    description: 'Of the newest attempt first, each from its first line.',
  })
  lines!: FoundLineDocument[];
  @ApiProperty({ description: 'true: there were enough lines before all of its log was looked at.' })
  mayHaveMore!: boolean;
}

export class LogsSearchPageDocument {
  @ApiProperty({ type: () => [FoundJobDocument], description: 'Newest first.' }) items!: FoundJobDocument[];
  @ApiProperty({
    type: String,
    nullable: true,
    description: '`cursor` for searching further back, also where `items` is empty; null: all was searched.',
  })
  nextCursor!: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Jobs submitted then or later were searched; null: all.',
  })
  searchedBackTo!: string | null;
}

class ErrorLineDocument {
  @ApiProperty({ type: 'integer', minimum: 1 }) attempt!: number;
  @ApiProperty({ type: 'integer', minimum: 1 }) seq!: number;
  @ApiProperty({ type: 'integer', minimum: -1 }) step!: number;
  @ApiProperty({ description: 'Without colours, at most 500 characters.' }) text!: string;
}

class KnownErrorDocument extends ErrorLineDocument {
  @ApiProperty({ pattern: '^[0-9a-f]{32}$' }) fingerprint!: string;
  @ApiProperty({
    description: 'The line without numbers, ids, hashes and temporary paths: all like it are the same error.',
  })
  pattern!: string;
}

class OtherFailuresDocument {
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 10_000 }) jobs!: number;
  @ApiProperty({ description: 'true: there are more.' }) isMore!: boolean;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) firstAt!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) lastAt!: string | null;
  @ApiProperty({ type: () => [JobOfLineDocument], description: 'The newest three.' }) recent!: JobOfLineDocument[];
}

export class FirstErrorDocument {
  @ApiProperty({
    enum: ['found', 'pending', 'none'],
    description: '`pending`: it is looked for within seconds. `none`: the job did not fail, or printed nothing.',
  })
  status!: string;
  @ApiProperty({ type: () => KnownErrorDocument, nullable: true }) error!: KnownErrorDocument | null;
  @ApiProperty({ type: () => OtherFailuresDocument, nullable: true, description: 'When each was submitted counts.' })
  others!: OtherFailuresDocument | null;
}

class FailedJobDocument {
  @ApiProperty({ type: () => JobOfLineDocument }) job!: JobOfLineDocument;
  @ApiProperty({ type: () => ErrorLineDocument }) error!: ErrorLineDocument;
}

export class FailedJobPageDocument {
  @ApiProperty({ type: () => [FailedJobDocument], description: 'Newest first.' }) items!: FailedJobDocument[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}
