import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** One part of Dibs as its users start it: a process of its own, leaving on SIGTERM or when this one is gone. */
export interface Part {
  /** Where it listens; empty for a part that listens nowhere. */
  readonly url: string;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** @param isListening false: it never says so (runners) */
export async function startPart(script: string, env: Record<string, string>, isListening = true): Promise<Part> {
  const child = spawn(process.execPath, [path.join(ROOT, script)], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const url = isListening ? await listening(child, output, script) : '';
  child.stdout?.resume();
  return { url, kill: () => end(child, 'SIGKILL'), stop: () => end(child, 'SIGTERM') };
}

async function listening(child: ChildProcess, output: string[], script: string): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  const exit = once(child, 'exit').then(() => {
    throw new Error(`${script} ended before it listened:\n${output.join('')}`);
  });
  const url = new Promise<string>((resolve) => {
    lines.on('line', (line) => {
      output.push(`${line}\n`);
      const message = parse(line);
      if (message?.msg === 'listening' && message.url) resolve(message.url);
    });
  });
  return Promise.race([url, exit]);
}

function parse(line: string): { msg?: string; url?: string } | null {
  try {
    return JSON.parse(line) as { msg?: string; url?: string };
  } catch {
    return null;
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** A port that was free a moment ago: for parts that must know each other's address before they start. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
