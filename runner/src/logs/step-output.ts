import { MaskCommands, type OutputPart } from './mask-commands.js';
import type { Masker } from './masker.js';
import { RedrawnLines } from './redrawn-lines.js';
import type { StreamMasker } from './stream-masker.js';

/** Lines to append, or a command of the step to obey before what comes next. */
export type StepOutputPart = readonly string[] | Exclude<OutputPart, { readonly bytes: Buffer }>;

/**
 * One stream of one step: bytes in, finished and masked lines out. Masked before it is split: a secret may have several
 * lines, or stand where an over-long line is cut.
 */
export class StepOutput {
  private readonly commands = new MaskCommands();
  private readonly masker: StreamMasker;
  readonly lines = new RedrawnLines();

  constructor(masker: Masker) {
    this.masker = masker.stream();
  }

  /** One part after the other: a command changes how those after it are masked. */
  *push(chunk: Buffer): Generator<StepOutputPart> {
    for (const part of this.commands.read(chunk)) yield this.next(part);
  }

  *end(): Generator<StepOutputPart> {
    for (const part of this.commands.flush()) yield this.next(part);
    yield this.lines.push(this.masker.flush());
    yield this.lines.flush();
  }

  private next(part: OutputPart): StepOutputPart {
    return 'bytes' in part ? this.lines.push(this.masker.push(part.bytes)) : part;
  }
}
