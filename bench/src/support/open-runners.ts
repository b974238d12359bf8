import { setTimeout as delay } from 'node:timers/promises';
import { ProtocolRunner, type ProtocolRunnerOptions } from './protocol-runner.js';

/** New connections are begun this far apart, so that opening thousands is not a storm of its own. */
const APART_MS = 2;

/** @returns runners named `idle-N` from `first` on, when each of them was welcomed */
export async function openRunners(
  { count, first = 0 }: { readonly count: number; readonly first?: number },
  options: Omit<ProtocolRunnerOptions, 'instance'>,
): Promise<ProtocolRunner[]> {
  const runners: ProtocolRunner[] = [];
  const welcomed: Promise<void>[] = [];
  for (let index = first; index < first + count; index += 1) {
    welcomed.push(
      new Promise((resolve) => {
        const runner = new ProtocolRunner({
          ...options,
          instance: `idle-${index}`,
          onWelcome: (who, welcome) => {
            options.onWelcome?.(who, welcome);
            resolve();
          },
        });
        runners.push(runner);
        runner.connect();
      }),
    );
    await delay(APART_MS);
  }
  await Promise.all(welcomed);
  return runners;
}
