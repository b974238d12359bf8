import type { WireLogStream } from '@dibs/shared';
import { setTimeout as delay } from 'node:timers/promises';
import { LineSplitter, charactersWithin } from './line-splitter.js';
import { Masker } from './masker.js';
import { OutputPace } from './output-pace.js';
import { RedrawWatch } from './redraw-watch.js';
import type { Spool } from './spool.js';
import { MIN_SECRET_LENGTH } from './secret-forms.js';
import { StepOutput, type StepOutputPart } from './step-output.js';

export interface JobLogOptions {
  readonly spool: Spool;
  readonly secrets: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Default 200: how often a line that is drawn anew is looked at, while it is young. */
  readonly lookEveryMs?: number;
  /** Whether this runner has other work too. Default: it has not. */
  readonly isBesideOthers?: () => boolean;
}

interface Output {
  readonly step: StepOutput;
  readonly redraws: RedrawWatch;
}

/**
 * Longest line as JSON. Control characters take six bytes each there: 64 KiB of them would be more than one event may
 * carry (256 KiB), and a line that can never be sent would hold up the log for ever.
 */
const MAX_ENCODED_BYTES = 192 * 1024;

/**
 * What a job may register while it runs: as much as it may be given (server, JOB_LIMITS), in as many values as can be
 * looked for without slowing the log down.
 */
const MAX_REGISTERED_BYTES = 256 * 1024;
const MAX_REGISTERED_VALUES = 1000;

/** Output in; masked, split and numbered lines out, in the order in which they arrive. */
export class JobLog {
  private readonly masker = new Masker();
  private readonly outputs = new Map<string, Output>();
  private readonly registered = new Set<string>();
  private registeredBytes = 0;
  private readonly told = new Set<string>();
  private readonly pace: OutputPace;

  constructor(private readonly options: JobLogOptions) {
    this.pace = new OutputPace(options.isBesideOthers ?? (() => false));
    for (const [name, value] of Object.entries(options.secrets)) {
      // an empty one hides nothing
      if (!this.masker.add(value) && value.trim() !== '') this.tellOnce(-1, `The secret ${name} ${TOO_SHORT}`);
    }
  }

  get lastSeq(): number {
    return this.options.spool.lastSeq;
  }

  /** A returned promise holds the step's pipe back. */
  write(step: number, stream: 'stdout' | 'stderr', chunk: Buffer): Promise<void> | undefined {
    const pauseMs = this.pace.pauseAfter(() => {
      const output = this.output(step, stream);
      this.take(step, stream, output.step.push(chunk));
      output.redraws.note(output.step.lines.isRedrawing);
    });
    return this.options.spool.pressure() ?? (pauseMs > 0 ? delay(pauseMs) : undefined);
  }

  /** Lines of the runner's own; step -1: preparation. */
  system(step: number, text: string): void {
    this.append(step, 's', new LineSplitter().push(Buffer.from(`${this.masker.mask(text)}\n`)));
  }

  /** From now on; for values that are known to be secret and are too many to say which are too short. */
  hide(value: string): void {
    this.masker.add(value);
  }

  /** The step's output is over: unfinished last lines are written. */
  end(step: number): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const output = this.output(step, stream);
      output.redraws.stop();
      this.take(step, stream, output.step.end());
      this.outputs.delete(`${step} ${stream}`);
    }
  }

  private take(step: number, stream: 'stdout' | 'stderr', parts: Iterable<StepOutputPart>): void {
    for (const part of parts) {
      if (!('value' in part) && !('tooLong' in part)) this.append(step, stream === 'stdout' ? 'o' : 'e', part);
      else if ('value' in part) this.register(step, part.value);
      else this.tellOnce(step, COMMAND_TOO_LONG);
    }
  }

  /** For the rest of the job, in both streams. */
  private register(step: number, value: string): void {
    if (this.registered.has(value)) return;
    this.registeredBytes += Buffer.byteLength(value);
    if (this.registered.size >= MAX_REGISTERED_VALUES || this.registeredBytes > MAX_REGISTERED_BYTES) {
      this.tellOnce(step, TOO_MANY);
      return;
    }
    this.registered.add(value);
    if (!this.masker.add(value)) this.tellOnce(step, `A value of ::add-mask:: ${TOO_SHORT}`);
  }

  private tellOnce(step: number, text: string): void {
    if (this.told.has(text)) return;
    this.told.add(text);
    this.system(step, text);
  }

  private append(step: number, stream: WireLogStream, lines: readonly string[]): void {
    const atMs = this.options.now();
    for (const line of lines) {
      for (const piece of sendable(line)) this.options.spool.append([atMs, step, stream, piece]);
    }
  }

  private output(step: number, stream: 'stdout' | 'stderr'): Output {
    const key = `${step} ${stream}`;
    let output = this.outputs.get(key);
    if (!output) this.outputs.set(key, (output = this.createOutput(step, stream)));
    return output;
  }

  private createOutput(step: number, stream: 'stdout' | 'stderr'): Output {
    const output = new StepOutput(this.masker);
    const look = (): void => {
      const text = output.lines.look();
      if (text !== null) this.append(step, stream === 'stdout' ? 'O' : 'E', [text]);
    };
    return { step: output, redraws: new RedrawWatch(look, this.options.lookEveryMs) };
  }
}

const TOO_SHORT = `has fewer than ${MIN_SECRET_LENGTH} characters and is not masked.`;
const COMMAND_TOO_LONG =
  'A line with ::add-mask:: was too long (64 KiB): it is not shown, and its value is not masked.';
const TOO_MANY =
  `More than ${MAX_REGISTERED_VALUES} values or ${MAX_REGISTERED_BYTES / 1024} KiB were given to ::add-mask::. ` +
  'This one and those after it are not masked.';

function sendable(line: string): string[] {
  if (line.length * 6 <= MAX_ENCODED_BYTES || Buffer.byteLength(JSON.stringify(line)) <= MAX_ENCODED_BYTES)
    return [line];
  const half = charactersWithin(line, Buffer.byteLength(line) / 2);
  return [...sendable(line.slice(0, half)), ...sendable(line.slice(half))];
}
