import type { ServerResponse } from 'node:http';

/** Aborted when the connection of a response closes, also after a complete answer (then nobody listens any more). */
export function clientGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (response.destroyed || response.closed) controller.abort();
  else response.once('close', () => controller.abort());
  return controller.signal;
}
