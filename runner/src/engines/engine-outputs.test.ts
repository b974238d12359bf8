import { expect, test } from '@jest/globals';
import { joinOutputs, parseOutputs, textsOf } from './engine-outputs.js';

test('outputs of terraform', () => {
  const json =
    '{"a":{"sensitive":true,"type":"string","value":"x"},"b":{"sensitive":false,"type":["list"],"value":[1]},"c":{}}';
  expect(parseOutputs(json)).toEqual({
    a: { value: 'x', sensitive: true },
    b: { value: [1], sensitive: false },
    c: { value: null, sensitive: false },
  });
  expect(parseOutputs('{}')).toEqual({});
});

test('outputs of pulumi: secret is what is not shown without being asked for', () => {
  const hidden = '{"a":"[secret]","b":{"x":1},"c":{"inner":"[secret]"},"d":"[secret]"}';
  const shown = '{"a":"s","b":{"x":1},"c":{"inner":"t"},"d":"[secret]"}';
  expect(joinOutputs(hidden, shown)).toEqual({
    a: { value: 's', sensitive: true },
    b: { value: { x: 1 }, sensitive: false },
    c: { value: { inner: 't' }, sensitive: true },
    d: { value: '[secret]', sensitive: false },
  });
});

test.each(['', '[]', 'null', 'Warning: {"planted": 1}'])('%j tells no outputs, and is not shown', (json) => {
  expect(() => parseOutputs(json)).toThrow(/^The engine does not tell its outputs as JSON\.$/);
});

test('every text by which a value could show up', () => {
  expect(textsOf('key')).toEqual(['key']);
  expect(textsOf({ a: ['one', 12345], b: true })).toEqual([
    '{"a":["one",12345],"b":true}',
    '["one",12345]',
    'one',
    '12345',
  ]);
});
