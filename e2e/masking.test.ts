import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { Installation } from './support/installation.js';
import { partsOf, secretForms } from './support/programs/secret-forms.mjs';
import { tables, textsBelow, type NamedText } from './support/stored-texts.js';
import { webSocketText } from './support/web-socket-text.js';

/** With characters that each of the forms writes in another way. */
const SECRETS = {
  TOKEN: 's3cr~~~t?>>pa55/w+rd"\\&ü',
  KEY: 'first~line?>>of"the\\key\nand~~~the?second/one',
};
const PROGRAM = path.resolve('e2e/support/programs/leak.mjs');
/** Where lines come through: the spool, the wire, the database, and what readers get. */
const KINDS = ['.jsonl', 'connection', 'log_chunks', 'format=text', 'format=ndjson', 'format=json'];
/** Shorter ones may stand anywhere. */
const PART_CHARACTERS = 8;

let installation: Installation | null = null;

afterEach(async () => {
  await installation?.stop();
  installation = null;
});

test('a secret, in whatever form and wherever a write ends in it, is seen nowhere behind the runner', async () => {
  const { leaks, prints, masks } = await printed(SECRETS);
  expect(leaks).toEqual([]);
  // what was printed came through everywhere, or nothing would be found for another reason
  for (const count of masks) expect(count).toBeGreaterThanOrEqual(prints);
});

test('a runner that masks each piece of output by itself is caught, in every place', async () => {
  const mutant = pathToFileURL(path.resolve('e2e/support/mutants/masker-without-carry.mjs')).href;
  const { leaks } = await printed({ TOKEN: SECRETS.TOKEN }, ['--import', mutant]);
  const places = leaks.map(({ name }) => name);
  for (const kind of KINDS) expect(places).toContainEqual(expect.stringContaining(kind));
});

interface Printed {
  /** Which part of a secret was seen, and where. */
  readonly leaks: readonly { readonly name: string; readonly part: string }[];
  readonly prints: number;
  /** How many were seen in each of KINDS. */
  readonly masks: readonly number[];
}

async function printed(
  secrets: Readonly<Record<string, string>>,
  nodeArguments: readonly string[] = [],
): Promise<Printed> {
  installation = await Installation.start();
  const { proxy, api, ledger } = installation;
  proxy.record();
  const runner = await installation.startRunner({ nodeArguments });
  const until = `${ledger.file}.go`;
  const run = `exec '${process.execPath}' '${PROGRAM}' ${Object.keys(secrets).join(' ')} --until '${until}'`;
  const { id } = await api.submit({ steps: [{ run }], secrets });
  const prints = await eventually(
    'everything printed and stored',
    async () => {
      const last = (await api.log(id, 1)).at(-1);
      return /^prints: (\d+)$/.exec(last?.text ?? '')?.[1];
    },
    60_000,
  );

  // while it runs: its spool is removed with it
  const files = textsBelow(runner.workDir);
  expect(files.some(([name]) => name.endsWith('.jsonl'))).toBe(true);
  const places: NamedText[] = [
    ...files,
    ...proxy.recordings.map((bytes, index) => [`connection ${index}`, webSocketText(bytes)] as const),
    ...(await tables(installation.databaseUrl)),
    ...(await readings(installation, id)),
  ];
  fs.writeFileSync(until, '');
  expect((await api.finished(id)).state).toBe('succeeded');
  places.push(...[runner.process, installation.server].map(({ name, said }) => [name, said.join('\n')] as const));

  const masks = KINDS.map((kind) => {
    const texts = places.filter(([name]) => name.includes(kind)).map(([, text]) => text);
    return texts.join('').split('***').length - 1;
  });
  const needles = Object.values(secrets).flatMap(partsOf).flatMap(secretForms).flatMap(needlesOf);
  const leaks = places.flatMap(([name, text]) =>
    needles.filter((needle) => text.includes(needle)).map((part) => ({ name, part })),
  );
  return { leaks, prints: Number(prints), masks };
}

/** The whole is found by its halves; as it is, and as JSON has it. */
function needlesOf({ secret }: { readonly secret: string }): string[] {
  const half = Math.max(PART_CHARACTERS, Math.ceil(secret.length / 2));
  const parts = [secret.slice(0, half), secret.slice(-half)].filter((part) => part.length >= PART_CHARACTERS);
  return parts.flatMap((part) => [part, JSON.stringify(part).slice(1, -1)]);
}

/** All that a dashboard, a script or an operator can ask for. */
async function readings({ api }: Installation, id: string): Promise<NamedText[]> {
  const job = `/api/v1/jobs/${id}`;
  const paths = [job, `${job}/logs?format=text`, `${job}/logs?format=ndjson`, `${job}/logs?format=json&limit=5000`];
  const asked = paths.map(async (each) => [each, await (await api.send('GET', each)).text()] as const);
  return Promise.all(asked);
}
