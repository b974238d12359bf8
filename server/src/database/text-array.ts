/** Type `text` of PostgreSQL, which never changes. */
const TEXT_OID = 25;
const HEADER_BYTES = 20;

/**
 * A `text[]` as PostgreSQL takes it in its binary format (array_recv): for long texts. As a literal each would be
 * escaped here, character by character, and unescaped there; JSON, which is full of quotes, grows by a fifth on the way.
 */
export function textArray(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const bytes = lengths.reduce((sum, length) => sum + 4 + length, HEADER_BYTES);
  const array = Buffer.allocUnsafe(bytes);
  // one dimension, without nulls, of texts; its length, and the index of the first
  let at = 0;
  for (const word of [1, 0, TEXT_OID, texts.length, 1]) at = array.writeInt32BE(word, at);
  texts.forEach((text, index) => {
    at = array.writeInt32BE(lengths[index]!, at);
    at += array.write(text, at);
  });
  return array;
}
