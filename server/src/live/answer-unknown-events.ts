import type { Refusal } from '@dibs/shared';
import type { LiveSocket } from './live-viewer.js';

/** A request that no handler knows would never be answered. */
export function answerUnknownEvents(socket: LiveSocket, known: readonly string[]): void {
  socket.onAny((event: string, ...parts: unknown[]) => {
    const acknowledge = parts.at(-1);
    if (known.includes(event) || typeof acknowledge !== 'function') return;
    (acknowledge as (reply: Refusal) => void)({
      ok: false,
      code: 'E_VALIDATION',
      message: 'There is no such event on this link.',
      retryable: false,
    });
  });
}
