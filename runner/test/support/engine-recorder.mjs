import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Plays terraform, tofu or pulumi: takes down how it is called, what lies in the files it is told of and which signals it
 * gets, and answers as `answers.json` in its folder says.
 */
export async function play(folder, name) {
  const args = process.argv.slice(2);
  const note = (entry) => appendFileSync(join(folder, 'calls.ndjson'), `${JSON.stringify({ name, ...entry })}\n`);
  const paths = args
    .map((arg) => arg.replace(/^-[a-z-]+=/, ''))
    .filter((arg) => arg.startsWith('/') && existsSync(arg));
  const files = paths.map((path) => ({
    mode: (statSync(path).mode & 0o777).toString(8),
    text: readFileSync(path, 'utf8'),
  }));
  const stdin = args.includes('--secret') ? readFileSync(0, 'utf8') : null;
  note({ args, cwd: process.cwd(), env: process.env, files, stdin });

  const answers = JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8'));
  const answer = answers.find(({ on }) => args.join(' ').startsWith(on)) ?? {};
  const plan = args
    .map((arg, index) => (arg === '--save-plan' ? args[index + 1] : /^-out=(.*)/.exec(arg)?.[1]))
    .find(Boolean);
  if (plan !== undefined) writeFileSync(plan, answer.plan ?? 'a plan');
  process.stdout.write(answer.stdout ?? '');
  process.stderr.write(answer.stderr ?? '');
  if (answer.waits) await untilInterrupted(note, answer);
  process.exitCode = answer.exitCode ?? 0;
}

/** With a child that would end at once if the signal went to all of them. Goes on for a while, as with a state to write. */
async function untilInterrupted(note, { signalsAwaited = 1, writesForMs = 0 }) {
  const code = "process.on('SIGINT', () => process.exit(3)); process.stdout.write('ready'); setInterval(() => {}, 1e6)";
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const childEnded = new Promise((resolve) => child.once('exit', (exit, signal) => resolve(exit ?? signal)));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  let signals = 0;
  const interrupted = new Promise((resolve) => {
    const onSignal = (signal) => {
      note({ signal });
      signals += 1;
      if (signals >= signalsAwaited) resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, onSignal);
  });
  note({ waiting: process.pid, child: child.pid });
  const idle = setInterval(() => undefined, 1e6);
  await interrupted;
  await new Promise((resolve) => setTimeout(resolve, writesForMs));
  child.kill('SIGKILL');
  note({ childEnded: await childEnded });
  clearInterval(idle);
}
