import { IsInt, IsString, Length, Matches } from 'class-validator';
import type { RunnerHandshake } from '../protocol/hello.js';
import { INSTANCE_NAME, IsId } from './constraints.js';

export class HandshakeMessage implements RunnerHandshake {
  @IsString()
  @Length(1, 8_192)
  readonly token!: string;

  @IsInt()
  readonly protocolVersion!: number;

  @Matches(INSTANCE_NAME, { message: 'instance must be 1 to 253 letters, digits, dots, dashes or underscores' })
  readonly instance!: string;

  @IsId()
  readonly bootId!: string;
}
