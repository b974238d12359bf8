import {
  ON_MODULE_FAILURE,
  RUN_STATES,
  SCOPE_RUN_MODULE_STATES,
  SCOPE_RUN_OPERATIONS,
  SCOPE_RUN_STATES,
} from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';
import { HierarchyScopeDocument } from '../../modules/dto/hierarchy.document.js';

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/scope-runs.ts. */
export class ScopeRunDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ type: () => HierarchyScopeDocument }) scope!: HierarchyScopeDocument;
  @ApiProperty({ example: 'prod/network' }) path!: string;
  @ApiProperty({ enum: SCOPE_RUN_OPERATIONS }) operation!: string;
  @ApiProperty({ enum: ON_MODULE_FAILURE }) onFailure!: string;
  @ApiProperty({ enum: SCOPE_RUN_STATES }) state!: string;
  @ApiProperty({
    type: 'object',
    properties: Object.fromEntries(SCOPE_RUN_MODULE_STATES.map((state) => [state, { type: 'integer' }])),
    required: [...SCOPE_RUN_MODULE_STATES],
    description: 'How many modules are in each state.',
  })
  counts!: Record<string, number>;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) cancelRequestedAt!: string | null;
  @ApiProperty() createdBy!: string;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) endedAt!: string | null;
}

export class ScopeRunModuleDocument {
  @ApiProperty({ format: 'uuid' }) moduleId!: string;
  @ApiProperty({ example: 'prod/network/vpc' }) path!: string;
  @ApiProperty({ enum: SCOPE_RUN_MODULE_STATES }) state!: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'null: none has begun.' })
  runId!: string | null;
  @ApiProperty({
    type: String,
    enum: RUN_STATES,
    nullable: true,
    description: 'Of that run; null: retention removed it.',
  })
  runState!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Why no run could begin, or what failed before it.' })
  note!: string | null;
}

export class ModuleDependencyDocument {
  @ApiProperty({ format: 'uuid' }) from!: string;
  @ApiProperty({ format: 'uuid', description: 'Takes outputs of `from`: applied after it, destroyed before it.' })
  to!: string;
  @ApiProperty({ type: [String] }) outputs!: string[];
}

export class ScopeRunViewDocument extends ScopeRunDocument {
  @ApiProperty({ type: () => [ScopeRunModuleDocument], description: 'In the order in which they run.' })
  modules!: ScopeRunModuleDocument[];
  @ApiProperty({
    type: () => [ModuleDependencyDocument],
    description: 'Among its modules, as they were when it began.',
  })
  dependencies!: ModuleDependencyDocument[];
}

export class ScopeRunPageDocument {
  @ApiProperty({ type: () => [ScopeRunDocument] }) items!: ScopeRunDocument[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}

export class ModuleGraphNodeDocument {
  @ApiProperty({ format: 'uuid' }) moduleId!: string;
  @ApiProperty() path!: string;
  @ApiProperty({ description: 'false: elsewhere, but a module here takes its outputs.' }) isInside!: boolean;
}

export class ModuleGraphDocument {
  @ApiProperty({ type: () => [ModuleGraphNodeDocument] }) modules!: ModuleGraphNodeDocument[];
  @ApiProperty({ type: () => [ModuleDependencyDocument] }) dependencies!: ModuleDependencyDocument[];
  @ApiProperty({
    type: 'array',
    items: { type: 'array', items: { type: 'string', format: 'uuid' } },
    description: "Modules that take each other's outputs in a circle: none of them has a place in the order.",
  })
  circles!: string[][];
}
