/** Names of the close codes that really occur (RFC 6455 §7.4.1). */
const CODES: Readonly<Record<number, string>> = {
  1000: 'closed normally',
  1001: 'the other end went away',
  1002: 'protocol error',
  1005: 'closed without a code',
  1006: 'the connection broke',
  1009: 'a message was too large',
};

/**
 * Why a connection ended, in words for operators.
 *
 * @param reason as socket.io names it
 * @param code of the websocket close frame, when there was one
 */
export function describeClose(reason: string, code: number | null): string {
  const suffix = code === null ? '' : ` (${CODES[code] ?? 'close code'}, ${code})`;
  switch (reason) {
    case 'ping timeout':
      return 'it did not answer pings';
    case 'client namespace disconnect':
      return 'the runner disconnected';
    case 'transport close':
    case 'transport error':
      return `the connection was lost${suffix}`;
    case 'server shutting down':
      return 'the server stopped';
    default:
      return `${reason}${suffix}`;
  }
}

/** @returns whether the runner closed it by itself, as it does when it stops */
export function saysGoodbye(reason: string): boolean {
  return reason === 'client namespace disconnect';
}
