/**
 * The forms in which a secret must not be seen, written down without the product's help. `printed`: what a program prints;
 * `secret`: what of it is determined by the secret alone (of base64 the characters at the ends are not).
 */
export function secretForms(value) {
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  return [value, hex, hex.toUpperCase(), encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]
    .map((text) => ({ printed: text, secret: text }))
    .concat([0, 1, 2].flatMap((before) => base64Forms(bytes, before)));
}

function base64Forms(bytes, before) {
  const printed = Buffer.concat([Buffer.from('ab'.slice(0, before)), bytes, Buffer.from('c')]).toString('base64');
  const secret = printed.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  const urlSafe = (text) => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return [
    { printed, secret },
    { printed: urlSafe(printed), secret: urlSafe(secret) },
  ];
}

/** The value, and each line of one that has several. */
export function partsOf(value) {
  const lines = value.split('\n');
  return lines.length === 1 ? lines : [value, ...lines];
}
