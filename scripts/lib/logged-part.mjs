import fs from 'node:fs';
import readline from 'node:readline';
import { Part } from './part.mjs';
import { dim, Problem } from './terminal.mjs';

/** A part whose own diagnostics go to a file, and whose "listening" line we wait for. */
export class LoggedPart extends Part {
  #lastLine = '';

  constructor(name, script, { env, logFile }) {
    super(name, script, { env, output: 'pipe' });
    this.logFile = logFile;
    const log = fs.createWriteStream(logFile, { mode: 0o600 });
    this.listening = new Promise((resolve, reject) => {
      for (const stream of [this.child.stdout, this.child.stderr]) {
        readline.createInterface({ input: stream }).on('line', (line) => {
          log.write(`${line}\n`);
          this.#lastLine = line;
          const entry = parsed(line);
          if (entry?.msg === 'listening') resolve(entry.url);
          if (entry?.msg === 'waiting for PostgreSQL')
            console.log(dim(`${name.padEnd(10)} ${entry.msg}: ${entry.reason}`));
        });
      }
      // "close" and not "exit": its last words have arrived then
      this.child.once('close', () => reject(this.problem()));
    });
    this.listening.catch(() => {});
  }

  /** Why it ended, in one line. */
  problem() {
    return new Problem(`the ${this.name} ended: ${messageOf(this.#lastLine) || 'it said nothing'} (${this.logFile})`);
  }
}

function messageOf(line) {
  const entry = parsed(line);
  return entry ? [entry.msg, entry.err?.message].filter(Boolean).join(': ') : line;
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
