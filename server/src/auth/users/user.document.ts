import { ROLES } from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/access.ts. */
export class UserDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ example: 'jo@example.com' }) email!: string;
  @ApiProperty({ enum: ROLES }) role!: string;
  @ApiProperty() disabled!: boolean;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
}

export class UserPageDocument {
  @ApiProperty({ type: () => [UserDocument] }) items!: UserDocument[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}
