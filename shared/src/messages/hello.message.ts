import { IsBoolean, IsInt, Max, Min } from 'class-validator';
import type { Hello, Tool } from '../protocol/hello.js';
import { IsLabels, IsPlainLine, MESSAGE_LIMITS, OrNull } from './constraints.js';
import { HeldAttemptMessage } from './held-attempt.message.js';
import { ListOf } from './list-of.js';

export class ToolMessage implements Tool {
  @IsPlainLine(1, 64)
  readonly name!: string;

  @OrNull()
  @IsPlainLine(0, 256)
  readonly version!: string | null;
}

export class HelloMessage implements Hello {
  @IsPlainLine(1, 255)
  readonly hostName!: string;

  @IsPlainLine(1, 64)
  readonly runnerVersion!: string;

  @IsInt()
  @Min(1)
  @Max(MESSAGE_LIMITS.slots)
  readonly slots!: number;

  @ListOf(ToolMessage, MESSAGE_LIMITS.tools)
  readonly tools!: ToolMessage[];

  @IsLabels()
  readonly labels!: Record<string, string>;

  @IsBoolean()
  readonly draining!: boolean;

  @IsBoolean()
  readonly standing!: boolean;

  @ListOf(HeldAttemptMessage, MESSAGE_LIMITS.held)
  readonly held!: HeldAttemptMessage[];
}
