import { ApiProperty } from '@nestjs/swagger';
import { ARCHIVE_FORMATS } from '@dibs/shared';

export class SourceArchiveDocument {
  @ApiProperty({ description: 'Of the bytes as they were sent, 64 hexadecimal digits.' }) sha256!: string;
  @ApiProperty({ type: 'integer' }) bytes!: number;
  @ApiProperty({ enum: ARCHIVE_FORMATS }) format!: string;
  @ApiProperty() uploadedBy!: string;
  @ApiProperty({ format: 'date-time' }) uploadedAt!: string;
}
