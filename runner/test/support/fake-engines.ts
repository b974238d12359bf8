import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINES, type EngineName } from '@dibs/shared';

/** What a fake engine does when it is called with arguments that begin like this. */
export interface EngineAnswer {
  readonly on: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
  /** What it writes as plan. */
  readonly plan?: string;
  /** It goes on until it gets a signal, and for some time after that. */
  readonly waits?: boolean;
  readonly signalsAwaited?: number;
  readonly writesForMs?: number;
}

export interface EngineCall {
  readonly name: EngineName;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Of the arguments that name a file. */
  readonly files: readonly { readonly mode: string; readonly text: string }[];
  readonly stdin: string | null;
}

export interface EngineEvent {
  readonly signal?: string;
  readonly waiting?: number;
  readonly childEnded?: number | string;
}

/** terraform, tofu and pulumi as programs that take down how they are called. */
export class FakeEngines {
  readonly binaries: string;

  constructor(private readonly folder: string) {
    this.binaries = join(folder, 'bin');
    mkdirSync(this.binaries);
    for (const name of ENGINES) {
      const program = join(this.binaries, name);
      const call = `import(${JSON.stringify(RECORDER)}).then(({ play }) => play(${JSON.stringify(folder)}, '${name}'));`;
      writeFileSync(program, `#!${process.execPath}\n${call}\n`);
      chmodSync(program, 0o755);
    }
    this.answer([]);
  }

  /** From now on; what was taken down before is forgotten. */
  answer(answers: readonly EngineAnswer[]): void {
    rmSync(join(this.folder, 'calls.ndjson'), { force: true });
    writeFileSync(join(this.folder, 'answers.json'), JSON.stringify(answers));
  }

  /** In order; not the one by which the runner asks for the version. */
  get calls(): EngineCall[] {
    return this.notes().filter((note): note is EngineCall => 'args' in note && note.args[0] !== 'version');
  }

  get events(): EngineEvent[] {
    return this.notes().filter((note): note is EngineEvent => !('args' in note));
  }

  private notes(): (EngineCall | EngineEvent)[] {
    const file = join(this.folder, 'calls.ndjson');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as EngineCall | EngineEvent);
  }
}

const RECORDER = new URL('./engine-recorder.mjs', import.meta.url).href;
