/** What comes after the last whole one may be the middle of another. */
const LONGEST_HEADER_BYTES = 14;
const HEADERS_END = Buffer.from('\r\n\r\n');

/** What a client said over a WebSocket, readable: its frames are masked (RFC 6455 §5.3). @param bytes of one connection */
export function webSocketText(bytes: Buffer): string {
  const start = bytes.indexOf(HEADERS_END) + HEADERS_END.length;
  const head = bytes.toString('latin1', 0, start);
  if (!/^upgrade: websocket\r$/im.test(head)) return bytes.toString('latin1');
  const texts = [head];
  for (let at = start; at + LONGEST_HEADER_BYTES <= bytes.length;) {
    const short = bytes[at + 1]! & 0x7f;
    const isMasked = (bytes[at + 1]! & 0x80) !== 0;
    if (!isMasked) throw new Error('frames of clients are masked');
    const length =
      short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    at += short < 126 ? 2 : short === 126 ? 4 : 10;
    const mask = bytes.subarray(at, at + 4);
    const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + length));
    for (let i = 0; i < payload.length; i += 1) payload[i]! ^= mask[i % 4]!;
    texts.push(payload.toString());
    at += 4 + length;
  }
  return texts.join('\n');
}
