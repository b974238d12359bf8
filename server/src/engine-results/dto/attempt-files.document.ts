import { ApiProperty } from '@nestjs/swagger';

export class PlanStoredDocument {
  @ApiProperty({ description: 'Of the bytes, 64 hexadecimal digits.' }) sha256!: string;
  @ApiProperty({ type: 'integer' }) bytes!: number;
}
