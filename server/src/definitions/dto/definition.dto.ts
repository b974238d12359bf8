import { HIERARCHY_LEVELS, type DefinitionChange, type DefinitionChanges } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IsGivenOrAbsent } from '../../platform/validation-rules.js';

const SAID = ['true', 'false'] as const;
const message = '$property must be true or false';

export class ImportDefinitionQuery {
  @ApiPropertyOptional({ enum: SAID, default: 'false', description: 'Only tell what would change.' })
  @IsGivenOrAbsent()
  @IsIn(SAID, { message })
  dryRun?: (typeof SAID)[number];

  @ApiPropertyOptional({
    enum: SAID,
    default: 'false',
    description: 'Delete stacks, namespaces and modules that the definition does not have.',
  })
  @IsGivenOrAbsent()
  @IsIn(SAID, { message })
  prune?: (typeof SAID)[number];
}

/** For OpenAPI only: the types themselves are in shared/src/rest/definitions.ts. */
export class DefinitionChangeDocument {
  @ApiProperty({ enum: HIERARCHY_LEVELS }) kind!: DefinitionChange['kind'];
  @ApiProperty({ example: 'prod/network/vpc', description: 'Names from the stack on; of the organization: empty.' })
  path!: string;

  @ApiProperty({
    enum: ['created', 'updated', 'deleted', 'kept'] satisfies DefinitionChange['action'][],
    description: '`kept`: it is not in the definition, and stays because `prune=true` was not said.',
  })
  action!: DefinitionChange['action'];

  @ApiProperty({
    type: [String],
    example: ['engine', 'variables.region'],
    description: 'Names of the settings that differ; never values.',
  })
  settings!: readonly string[];
}

export class DefinitionChangesDocument implements DefinitionChanges {
  @ApiProperty() dryRun!: boolean;
  @ApiProperty({ type: () => [DefinitionChangeDocument] }) changes!: readonly DefinitionChangeDocument[];
  @ApiProperty({ type: 'integer', description: 'Parts that are already as the definition says.' })
  unchangedCount!: number;
}
