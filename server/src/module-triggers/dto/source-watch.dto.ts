import type { NotifySourceBody } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Passes, text } from '../../jobs/dto/passes.decorator.js';
import { problemOfGitUrl, problemOfRevision } from '../../jobs/spec/git-source.js';
import { IsGivenOrAbsent } from '../../platform/validation-rules.js';

export class NotifySourceDto implements NotifySourceBody {
  @ApiProperty({
    example: 'https://github.com/octocat/Hello-World.git',
    description: 'Host and path decide: user, protocol, `.git` and `/` at the end make no difference.',
  })
  @Passes(text(problemOfGitUrl, 2048))
  url!: string;

  @ApiPropertyOptional({
    example: 'refs/heads/main',
    description: 'The branch or tag that moved. Modules with another one are not looked at; absent: all are.',
  })
  @IsGivenOrAbsent()
  @Passes(text(problemOfRevision, 255))
  revision?: string;
}

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/source-watch.ts. */
export class SourceNotifiedDocument {
  @ApiProperty({ type: 'integer', description: 'How many modules are looked at because of it.' }) modules!: number;
}

export class SourceWatchDocument {
  @ApiProperty({ description: 'Whether it is looked at: asked for, deployed, and no fixed commit.' }) watched!: boolean;
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Or range of versions; null: the default branch, or none.',
  })
  revision!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'The commit that it was when it was last seen.' })
  resolved!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) checkedAt!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Runner and instance; null: nobody could look.' })
  checkedBy!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'What kept somebody from looking the last time.' })
  error!: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'null: only when told of a change.',
  })
  nextCheckAt!: string | null;
}
