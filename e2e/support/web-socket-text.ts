const HEADERS_END = Buffer.from('\r\n\r\n');
const TEXT = 1;

/** Reads one direction of one connection, as it comes: an HTTP head, then the frames of a WebSocket (RFC 6455 §5.2). */
export class FrameReader {
  /** What was before the frames; null: not whole yet. */
  head: string | null = null;
  private rest: Buffer = Buffer.alloc(0);

  /** @returns the texts that are whole now; nothing as long as the connection is no WebSocket */
  read(bytes: Buffer): string[] {
    this.rest = Buffer.concat([this.rest, bytes]);
    if (this.head === null && !this.readHead()) return [];
    const texts: string[] = [];
    while (/^upgrade: websocket\r$/im.test(this.head!)) {
      const frame = frameIn(this.rest);
      if (frame === null) break;
      if (frame.opcode === TEXT) texts.push(frame.payload.toString());
      this.rest = this.rest.subarray(frame.bytes);
    }
    return texts;
  }

  private readHead(): boolean {
    const end = this.rest.indexOf(HEADERS_END);
    if (end < 0) return false;
    this.head = this.rest.toString('latin1', 0, end + HEADERS_END.length);
    this.rest = this.rest.subarray(end + HEADERS_END.length);
    return true;
  }
}

/** What a client said over a WebSocket, readable: its frames are masked. @param bytes of one connection */
export function webSocketText(bytes: Buffer): string {
  const reader = new FrameReader();
  const texts = reader.read(bytes);
  const isWebSocket = texts.length > 0 && reader.head !== null;
  return isWebSocket ? [reader.head, ...texts].join('\n') : bytes.toString('latin1');
}

/** null: it is not whole. What parts of messages come in several frames is not put together: nobody here does that. */
function frameIn(bytes: Buffer): { readonly opcode: number; readonly payload: Buffer; readonly bytes: number } | null {
  if (bytes.length < 2) return null;
  const isMasked = (bytes[1]! & 0x80) !== 0;
  const short = bytes[1]! & 0x7f;
  const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
  const start = 2 + lengthBytes + (isMasked ? 4 : 0);
  if (bytes.length < start) return null;
  const length = lengthBytes === 0 ? short : Number(`0x${bytes.toString('hex', 2, 2 + lengthBytes)}`);
  if (bytes.length < start + length) return null;
  const payload = Buffer.from(bytes.subarray(start, start + length));
  const mask = bytes.subarray(start - 4, start);
  if (isMasked) for (let at = 0; at < payload.length; at += 1) payload[at]! ^= mask[at % 4]!;
  return { opcode: bytes[0]! & 0x0f, payload, bytes: start + length };
}
