import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The same as in docker/*.Dockerfile: what is young when a server is busy dies young, and a runner keeps to 150 MiB in a flood of lines. */
const NODE_ARGS = {
  'server/dist/main.js': ['--max-semi-space-size=64'],
  'runner/dist/main.js': ['--max-semi-space-size=8'],
};

/**
 * One part of Dibs (server, runner, dashboard) as a child process. It has a process group of its own, so that Ctrl-C
 * reaches it through us and once only, and an ipc channel, so that it leaves when we are killed.
 */
export class Part {
  constructor(name, script, { env = process.env, output = 'inherit', args = [] } = {}) {
    this.name = name;
    this.child = spawn(process.execPath, [...(NODE_ARGS[script] ?? []), script, ...args], {
      env,
      stdio: ['ignore', output, output, 'ipc'],
      detached: true,
    });
    this.ended = once(this.child, 'exit').then(([code, signal]) => ({ name, code, signal }));
  }

  get running() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** SIGTERM: finish cleanly. To a runner that is draining a second one means: end your jobs. */
  terminate() {
    if (this.running) this.child.kill('SIGTERM');
  }

  /** @returns whether it ended by itself within the time; else it was killed */
  async endsWithin(ms) {
    let timer;
    const tooLate = new Promise((resolve) => (timer = setTimeout(resolve, ms, 'late')));
    const first = await Promise.race([this.ended, tooLate]);
    clearTimeout(timer);
    if (first !== 'late') return true;
    // its own group: whatever it has started goes with it
    if (this.running) process.kill(-this.child.pid, 'SIGKILL');
    await this.ended;
    return false;
  }
}
