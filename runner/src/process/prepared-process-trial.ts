import { execOrder } from './exec-order.js';
import { PreparedProcess, type PreparedProcessOptions } from './prepared-process.js';

/** Everything that quoting could get wrong. */
const SAMPLE = `' " \\ $HOME \`x\` *\t\n\u00e4\u{1F600}\u0001\u0081\u00ff !~#;&|`;
/** It stays alive, so that what is said to have started cannot just have ended. */
const PROGRAM = 'printf %s "$DIBS_SAMPLE"; kill -STOP $$';
const WITHIN_MS = 5000;

/**
 * Tried out, not guessed from the name of the shell: whether it takes an order, passes an environment on unchanged, and
 * whether its descriptor closes when the program begins. Never rejects.
 */
export async function worksHere(options: PreparedProcessOptions): Promise<boolean> {
  const { shell, env } = options;
  const command = [shell, '-c', PROGRAM];
  const order = execOrder(env, { command, cwd: '/', env: { ...env, DIBS_SAMPLE: SAMPLE } });
  const one = order === null ? null : await PreparedProcess.start(options);
  if (one === null || order === null) return false;
  const { output, started } = one.launch(order);
  const printed = new Promise<boolean>((resolve) => {
    let text = Buffer.alloc(0);
    output?.stdout.on('data', (chunk: Buffer) => {
      text = Buffer.concat([text, chunk]);
      if (text.length >= Buffer.byteLength(SAMPLE)) resolve(text.toString() === SAMPLE);
    });
    void one.exit.then(() => resolve(false));
  });
  const tried = Promise.all([printed, started]).then(([isSame, atMs]) => isSame && atMs !== null);
  const isFine = await Promise.race([tried, timeOut()]);
  await one.end();
  return isFine;
}

function timeOut(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), WITHIN_MS).unref());
}
