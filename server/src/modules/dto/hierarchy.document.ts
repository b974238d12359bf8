import {
  APPROVAL_RULES,
  ASSIGNMENT_KINDS,
  ENGINES,
  HIERARCHY_LEVELS,
  MODULE_INPUT_TYPES,
  PERMISSIONS,
  SOURCE_TYPES,
  STEP_SHELLS,
} from '@dibs/shared';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/modules.ts. */
export class EngineChoiceDocument {
  @ApiProperty({ enum: ENGINES }) name!: string;
  @ApiProperty({ type: String, nullable: true, description: 'Range of versions; null: any.' }) version!: string | null;
}

export class PlacementDocument {
  @ApiProperty({ type: String, nullable: true }) runner!: string | null;
  @ApiProperty({ type: String, nullable: true }) instance!: string | null;
}

export class ModuleInputDocument {
  @ApiProperty({ enum: MODULE_INPUT_TYPES, description: 'Of a secret this is all that is told.' }) type!: string;
  @ApiPropertyOptional() value?: string;
  @ApiPropertyOptional({ format: 'uuid' }) moduleId?: string;
  @ApiPropertyOptional() output?: string;
  @ApiPropertyOptional() name?: string;
}

export class ModuleFileDocument {
  @ApiProperty({ enum: ['text', 'none'] }) type!: string;
  @ApiPropertyOptional() content?: string;
}

export class ModuleSourceDocument {
  @ApiProperty({ enum: SOURCE_TYPES }) type!: string;
  @ApiProperty({ type: String, nullable: true }) path!: string | null;
  @ApiPropertyOptional({ description: 'Of git, as all that follows but `sha256`.' }) url?: string;
  @ApiPropertyOptional({ type: String, nullable: true }) revision?: string | null;
  @ApiPropertyOptional({ type: String, nullable: true, description: 'Range of versions instead of a revision.' })
  versions?: string | null;
  @ApiPropertyOptional({ type: 'integer', nullable: true }) depth?: number | null;
  @ApiPropertyOptional({ description: 'Of an archive.' }) sha256?: string;
}

export class ApprovalDocument {
  @ApiProperty({ enum: APPROVAL_RULES }) when!: string;
  @ApiProperty({ type: 'integer' }) expiresAfterSeconds!: number;
}

export class SourcePollingDocument {
  @ApiProperty({ type: 'integer', nullable: true, description: 'null: only when told of a change.' })
  everySeconds!: number | null;
}

export class ModuleHookDocument {
  @ApiProperty({ enum: ['script', 'none'] }) type!: string;
  @ApiPropertyOptional() run?: string;
  @ApiPropertyOptional({ enum: STEP_SHELLS }) shell?: string;
}

const strings = { type: 'object', additionalProperties: { type: 'string' } } as const;
const flags = {
  type: 'object',
  additionalProperties: { type: 'array', items: { type: 'string' } },
  description: 'By the calls of the engine.',
} as const;
const inputs = { type: 'object', additionalProperties: { $ref: getSchemaPath(ModuleInputDocument) } } as const;

/** What the level sets itself; what is missing is inherited. */
@ApiExtraModels(ModuleInputDocument, ModuleFileDocument, ModuleHookDocument)
export class ModuleSettingsDocument {
  @ApiPropertyOptional({ type: () => EngineChoiceDocument }) engine?: EngineChoiceDocument;
  @ApiPropertyOptional({ type: () => PlacementDocument }) placement?: PlacementDocument;
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } }) labels?: Record<string, string>;
  @ApiPropertyOptional({ type: 'integer' }) timeoutSeconds?: number;
  @ApiPropertyOptional({ type: 'integer' }) queueTimeoutSeconds?: number;
  @ApiPropertyOptional(inputs) variables?: object;
  @ApiPropertyOptional(inputs) environment?: object;
  @ApiPropertyOptional({ type: 'object', additionalProperties: { $ref: getSchemaPath(ModuleFileDocument) } })
  files?: object;
  @ApiPropertyOptional({ type: 'object', additionalProperties: { $ref: getSchemaPath(ModuleHookDocument) } })
  hooks?: object;
  @ApiPropertyOptional({ type: () => ModuleSourceDocument }) source?: ModuleSourceDocument;
  @ApiPropertyOptional(strings) backend?: object;
  @ApiPropertyOptional(flags) flags?: object;
  @ApiPropertyOptional() workspace?: string;
  @ApiPropertyOptional({ type: () => ApprovalDocument }) approval?: ApprovalDocument;
  @ApiPropertyOptional() triggerOnUpstreamOutputChanged?: boolean;
  @ApiPropertyOptional() triggerOnDefinitionChanged?: boolean;
  @ApiPropertyOptional() triggerOnSourceChanged?: boolean;
  @ApiPropertyOptional({ type: () => SourcePollingDocument }) sourcePolling?: SourcePollingDocument;
}

export class OrganizationSettingsDocument {
  @ApiProperty({ type: () => ModuleSettingsDocument }) settings!: ModuleSettingsDocument;
}

export class HierarchyScopeDocument {
  @ApiProperty({ format: 'uuid' }) stackId!: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) namespaceId!: string | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) moduleId!: string | null;
}

export class HierarchyNodeSummaryDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ enum: ASSIGNMENT_KINDS }) kind!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ example: 'prod/network/vpc' }) path!: string;
  @ApiProperty({ type: () => HierarchyScopeDocument, description: 'Its place, as jobs name it.' })
  scope!: HierarchyScopeDocument;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
  @ApiProperty({ format: 'date-time' }) updatedAt!: string;
}

export class HierarchyNodeDocument extends HierarchyNodeSummaryDocument {
  @ApiProperty({ type: () => ModuleSettingsDocument }) settings!: ModuleSettingsDocument;
  @ApiProperty({ enum: PERMISSIONS, isArray: true, description: 'What the caller may do here, grants included.' })
  permissions!: string[];
}

export class HierarchyPageDocument {
  @ApiProperty({ type: () => [HierarchyNodeSummaryDocument] }) items!: HierarchyNodeSummaryDocument[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}

const origin = { type: 'string' as const, enum: [...HIERARCHY_LEVELS, 'default'] };

/** A property of `GET …/effective`: the value and the level that sets it. */
function effective(value: object): PropertyDecorator {
  return ApiProperty({ type: 'object', required: ['value', 'origin'], properties: { value, origin } });
}

const effectiveInputs = {
  type: 'object' as const,
  additionalProperties: {
    type: 'object',
    required: ['value', 'name', 'origin'],
    properties: { value: { $ref: getSchemaPath(ModuleInputDocument) }, name: { type: 'string' }, origin },
  },
};

@ApiExtraModels(
  EngineChoiceDocument,
  PlacementDocument,
  ModuleSourceDocument,
  ApprovalDocument,
  SourcePollingDocument,
  ModuleHookDocument,
)
export class EffectiveSettingsDocument {
  @effective({ nullable: true, allOf: [{ $ref: getSchemaPath(EngineChoiceDocument) }] }) engine!: object;
  @effective({ $ref: getSchemaPath(PlacementDocument) }) placement!: object;
  @effective({ type: 'object', additionalProperties: { type: 'string' } }) labels!: object;
  @effective({ type: 'integer' }) timeoutSeconds!: object;
  @effective({ type: 'integer' }) queueTimeoutSeconds!: object;
  @ApiProperty(effectiveInputs) variables!: object;
  @ApiProperty(effectiveInputs) environment!: object;
  @ApiProperty({
    type: 'object',
    additionalProperties: {
      type: 'object',
      required: ['value', 'origin'],
      properties: { value: { $ref: getSchemaPath(ModuleFileDocument) }, origin },
    },
  })
  files!: object;

  @effective({ nullable: true, allOf: [{ $ref: getSchemaPath(ModuleSourceDocument) }] }) source!: object;
  @effective(strings) backend!: object;
  @effective(flags) flags!: object;
  @effective({ type: 'string', nullable: true }) workspace!: object;
  @effective({ $ref: getSchemaPath(ApprovalDocument) }) approval!: object;
  @effective({ type: 'boolean' }) triggerOnUpstreamOutputChanged!: object;
  @effective({ type: 'boolean' }) triggerOnDefinitionChanged!: object;
  @effective({ type: 'boolean' }) triggerOnSourceChanged!: object;
  @effective({ $ref: getSchemaPath(SourcePollingDocument) }) sourcePolling!: object;
  @ApiProperty({
    type: 'object',
    description: 'By where they run, as in `before:plan`.',
    additionalProperties: {
      type: 'object',
      required: ['value', 'origin'],
      properties: { value: { $ref: getSchemaPath(ModuleHookDocument) }, origin },
    },
  })
  hooks!: object;
}
