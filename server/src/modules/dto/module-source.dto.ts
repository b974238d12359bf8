import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { GitSourceDto } from '../../jobs/dto/git-source.dto.js';
import { PassesBeside } from '../../jobs/dto/passes.decorator.js';
import { problemOfVersionRange } from '../version-range.js';

/** As of any job, or by a range of versions. */
export class ModuleSourceDto extends GitSourceDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '>=1.2 <2',
    description: 'Range of semantic versions as npm writes them, instead of a revision: the newest tag in it.',
  })
  @IsOptional()
  @PassesBeside(problemOfVersions)
  versions?: string | null;
}

function problemOfVersions(value: unknown, { revision }: ModuleSourceDto): string | null {
  const isPinned = revision !== undefined && revision !== null;
  return isPinned ? 'must not be given beside a revision' : problemOfVersionRange(value);
}
