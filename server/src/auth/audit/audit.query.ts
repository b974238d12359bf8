import { AUDIT_ACTIONS, type AuditAction } from '@dibs/shared';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { PageQuery } from '../../platform/page.js';
import { IsMoment } from '../../platform/validation-rules.js';

export class AuditQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Id of who did it; `bootstrap`: the server at its start' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  actor?: string;

  @ApiPropertyOptional({
    enum: AUDIT_ACTIONS,
    isArray: true,
    description: 'One or several, separated by commas',
  })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsOptional()
  @IsIn(AUDIT_ACTIONS, { each: true })
  action?: AuditAction[];

  @ApiPropertyOptional({ format: 'date-time', description: 'At this moment or later' })
  @IsOptional()
  @IsMoment()
  from?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Before this moment' })
  @IsOptional()
  @IsMoment()
  to?: string;
}
