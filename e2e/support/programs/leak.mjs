/**
 * Prints the secrets it is given, in every form, each time in two writes that are parted at another byte.
 *
 *   node leak.mjs NAME… [--until FILE]      names of environment variables; holds until the file is there,
 *                                           then fails with an error that has them in it
 */
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { partsOf, secretForms } from './secret-forms.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { until: { type: 'string' } } });
const nobody = new Int32Array(new SharedArrayBuffer(4));
let prints = 0;
for (const name of positionals) {
  for (const part of partsOf(process.env[name])) {
    for (const { printed } of secretForms(part)) print(name, Buffer.from(printed));
  }
}
write(`prints: ${prints}\n`);
while (values.until && !fs.existsSync(values.until)) await delay(20);
for (const name of positionals) write(`error: ${name} ${process.env[name]}\n`);
process.exit(3);

function print(name, form) {
  for (let at = 1; at < form.length; at += 1) {
    prints += 1;
    write(`${name} <`);
    write(form.subarray(0, at));
    // time for the reader at the other end, who would else find both in one piece
    Atomics.wait(nobody, 0, 0, 0.5);
    write(Buffer.concat([form.subarray(at), Buffer.from('>\n')]));
  }
}

function write(bytes) {
  for (let rest = Buffer.from(bytes); rest.length > 0;) {
    try {
      rest = rest.subarray(fs.writeSync(1, rest));
    } catch (error) {
      // the pipe is full
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(nobody, 0, 0, 1);
    }
  }
}
