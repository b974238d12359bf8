import type { Executor, ExecutorHost } from './executor.js';

export function shellExecutor(_host: ExecutorHost): Executor {
  throw new Error('in work');
}
