import { SOURCE_TYPES } from '@dibs/shared';
import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, IsOptional, ValidateNested } from 'class-validator';
import { ArchiveSourceDto } from './archive-source.dto.js';
import { GitSourceDto } from './git-source.dto.js';

export type SourceDto = GitSourceDto | ArchiveSourceDto;

const DTO_OF_TYPE = { git: GitSourceDto, archive: ArchiveSourceDto } as const;

/** What `type` says decides how the rest is read. One that is not known is read as git, which says what is allowed. */
export function IsSource(schema: { readonly nullable?: true; readonly description?: string } = {}): PropertyDecorator {
  return applyDecorators(
    ApiExtraModels(GitSourceDto, ArchiveSourceDto),
    ApiPropertyOptional({
      ...schema,
      oneOf: SOURCE_TYPES.map((type) => ({ $ref: getSchemaPath(DTO_OF_TYPE[type]) })),
      discriminator: {
        propertyName: 'type',
        mapping: Object.fromEntries(SOURCE_TYPES.map((type) => [type, getSchemaPath(DTO_OF_TYPE[type])])),
      },
    }),
    IsOptional(),
    IsObject(),
    ValidateNested(),
    Type(() => GitSourceDto, {
      discriminator: {
        property: 'type',
        subTypes: SOURCE_TYPES.map((name) => ({ name, value: DTO_OF_TYPE[name] })),
      },
      keepDiscriminatorProperty: true,
    }),
  );
}
