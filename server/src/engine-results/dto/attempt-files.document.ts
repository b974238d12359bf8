import { ApiProperty } from '@nestjs/swagger';

export class PlanStoredDocument {
  @ApiProperty({ description: 'Of the bytes, 64 hexadecimal digits.' }) sha256!: string;
  @ApiProperty({ type: 'integer' }) bytes!: number;
}

export class EngineOutputDocument {
  @ApiProperty({ description: 'Any JSON.' }) value!: unknown;
  @ApiProperty({ description: 'true: encrypted at rest, and never returned.' }) sensitive!: boolean;
}

export class OutputsStoredDocument {
  @ApiProperty({ type: 'integer', description: 'The version that the outputs of the module have now.' })
  version!: number;
  @ApiProperty({ description: 'false: all of it was known, and the version is that of before.' }) changed!: boolean;
}
