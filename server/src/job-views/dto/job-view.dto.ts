import type { CreateJobViewBody } from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches } from 'class-validator';
import { IsDisplayName } from '../../platform/validation-rules.js';

const MAX_QUERY = 1_000;
/** What may stand in the query of an address (RFC 3986 §3.4). */
const QUERY = new RegExp(`^[A-Za-z0-9\\-._~!$&'()*+,;=:@/?%]{0,${MAX_QUERY}}$`);

export class CreateJobViewDto implements CreateJobViewBody {
  @ApiProperty({ maxLength: 100 })
  @IsDisplayName()
  name!: string;

  @ApiProperty({ maxLength: MAX_QUERY, example: 'state=failed&runner=build-pool' })
  @IsString()
  @Matches(QUERY, { message: `$property must be the query of an address, at most ${MAX_QUERY} characters` })
  query!: string;
}

export class JobViewDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ description: "The query of the page's address." }) query!: string;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
}

export class JobViewPageDocument {
  @ApiProperty({ type: () => [JobViewDocument] }) items!: JobViewDocument[];
  @ApiProperty({ type: String, nullable: true, description: 'Always null: there are never many.' })
  nextCursor!: string | null;
}
