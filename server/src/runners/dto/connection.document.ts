import { ApiProperty } from '@nestjs/swagger';

/** What the answer looks like, for OpenAPI only: the type itself is in shared/src/rest/runners.ts. */
export class ConnectionDocument {
  @ApiProperty({ format: 'date-time' }) connectedAt!: string;
  @ApiProperty({ format: 'date-time' }) disconnectedAt!: string;
  @ApiProperty({ description: 'Why it ended, in words.' }) reason!: string;
  @ApiProperty({ type: 'integer', nullable: true, description: "Of the websocket's close frame, where there was one." })
  closeCode!: number | null;
  @ApiProperty({ description: 'The runner drained or said goodbye, or the server was stopped.' }) planned!: boolean;
}

export class ConnectionPageDocument {
  @ApiProperty({ type: () => [ConnectionDocument] }) items!: ConnectionDocument[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}
