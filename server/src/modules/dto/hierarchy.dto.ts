import type { CreateHierarchyNodeBody, UpdateHierarchyNodeBody, UpdateOrganizationSettingsBody } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, ValidateNested } from 'class-validator';
import { IsGivenOrAbsent, IsSlug } from '../../platform/validation-rules.js';
import { ModuleSettingsDto } from './settings.dto.js';

export class CreateHierarchyNodeDto implements CreateHierarchyNodeBody {
  @ApiProperty({ example: 'network', description: 'Unique in what it is in.' })
  @IsSlug()
  name!: string;

  @ApiPropertyOptional({ type: () => ModuleSettingsDto })
  @IsGivenOrAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => ModuleSettingsDto)
  settings?: ModuleSettingsDto;
}

export class UpdateHierarchyNodeDto implements UpdateHierarchyNodeBody {
  @ApiPropertyOptional({ example: 'network' })
  @IsGivenOrAbsent()
  @IsSlug()
  name?: string;

  @ApiPropertyOptional({ type: () => ModuleSettingsDto })
  @IsGivenOrAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => ModuleSettingsDto)
  settings?: ModuleSettingsDto;
}

export class UpdateOrganizationSettingsDto implements UpdateOrganizationSettingsBody {
  @ApiProperty({ type: () => ModuleSettingsDto })
  @IsObject()
  @ValidateNested()
  @Type(() => ModuleSettingsDto)
  settings!: ModuleSettingsDto;
}
