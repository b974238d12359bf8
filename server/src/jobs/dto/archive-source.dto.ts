import type { ArchiveSourceSpec } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { MAX_PATH_LENGTH, problemOfRelativePath } from '../spec/safe-path.js';
import { Passes, text } from './passes.decorator.js';

const path = text(problemOfRelativePath, MAX_PATH_LENGTH);

export class ArchiveSourceDto implements Omit<Partial<ArchiveSourceSpec>, 'type' | 'sha256'> {
  @ApiProperty({ enum: ['archive'] })
  @IsIn(['archive'])
  type!: 'archive';

  @ApiProperty({
    pattern: '^[0-9a-f]{64}$',
    description: 'Of an archive that was uploaded to `/api/v1/source-archives` before.',
  })
  @Matches(/^[0-9a-f]{64}$/i, { message: '$property must be the SHA-256 of an archive, 64 hexadecimal digits' })
  sha256!: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Folder inside the archive in which the steps run.',
  })
  @IsOptional()
  @Passes(path)
  path?: string | null;
}
