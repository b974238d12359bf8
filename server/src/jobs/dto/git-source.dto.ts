import { SOURCE_TYPES, type GitSourceSpec } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { problemOfGitUrl, problemOfRevision, problemOfVersions } from '../spec/git-source.js';
import { JOB_LIMITS as LIMITS } from '../spec/job-limits.js';
import { MAX_PATH_LENGTH, problemOfRelativePath } from '../spec/safe-path.js';
import { Passes, PassesBeside, text } from './passes.decorator.js';
import { IsWholeNumber } from '../../platform/validation-rules.js';

const url = text(problemOfGitUrl, 2048);
const revision = text(problemOfRevision, 255);
const path = text(problemOfRelativePath, MAX_PATH_LENGTH);

export class GitSourceDto implements Omit<Partial<GitSourceSpec>, 'type' | 'url'> {
  @ApiProperty({ enum: ['git'] })
  @IsIn(['git'], { message: `$property must be one of: ${SOURCE_TYPES.join(', ')}` })
  type!: 'git';

  @ApiProperty({ example: 'https://github.com/octocat/Hello-World.git' })
  @Passes(url)
  url!: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: "Branch, tag or commit; default: the remote's default branch.",
  })
  @IsOptional()
  @Passes(revision)
  revision?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '>=1.2 <2',
    description: 'Range of semantic versions as npm writes them, instead of a revision: the newest tag in it.',
  })
  @IsOptional()
  @PassesBeside(problemOfVersions)
  versions?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Folder inside the repository in which the steps run.',
  })
  @IsOptional()
  @Passes(path)
  path?: string | null;

  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: 1, description: 'Commits of history to fetch.' })
  @IsOptional()
  @IsWholeNumber(1, LIMITS.gitDepth)
  depth?: number | null;
}
