import { GRANTABLE_ROLES, GRANTEE_KINDS, type CreateRoleGrantBody, type GrantableRole, type Me } from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsUUID, ValidateNested } from 'class-validator';

export class GranteeDto {
  @ApiProperty({ enum: GRANTEE_KINDS })
  @IsIn(GRANTEE_KINDS, { message: `$property must be one of: ${GRANTEE_KINDS.join(', ')}` })
  kind!: Me['kind'];

  @ApiProperty({ format: 'uuid' })
  @IsUUID()
  id!: string;
}

export class CreateRoleGrantDto implements CreateRoleGrantBody {
  @ApiProperty({ enum: GRANTABLE_ROLES, description: 'Holds here and in all that is inside.' })
  @IsIn(GRANTABLE_ROLES, { message: `$property must be one of: ${GRANTABLE_ROLES.join(', ')}` })
  role!: GrantableRole;

  @ApiProperty({ type: () => GranteeDto })
  @IsObject()
  @ValidateNested()
  @Type(() => GranteeDto)
  grantee!: GranteeDto;
}

/** For OpenAPI only: the types themselves are in shared/src/rest/access.ts. */
export class GranteeDocument {
  @ApiProperty({ enum: GRANTEE_KINDS }) kind!: string;
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ description: 'E-mail address or name.' }) name!: string;
}

export class RoleGrantDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ enum: GRANTABLE_ROLES }) role!: string;
  @ApiProperty({ type: () => GranteeDocument }) grantee!: GranteeDocument;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
}

export class RoleGrantPageDocument {
  @ApiProperty({ type: () => [RoleGrantDocument] }) items!: RoleGrantDocument[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}
