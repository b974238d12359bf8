import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import type { JobDetail } from '@dibs/shared';
import { BrowserWitness } from './support/browser-witness.js';
import { noBrowserReason, openBrowser } from './support/browser.js';
import { jobState, liveState, logLine, signIn } from './support/dashboard-page.js';
import { ADMIN, settingsForDashboard, startDashboard } from './support/dashboard-rig.js';
import { eventually } from './support/eventually.js';
import { freePort } from './support/free-port.js';
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
const KINDS = [
  ...['.jsonl', 'connection', 'log_chunks', 'format=text', 'format=ndjson', 'format=json'],
  ...(noBrowserReason ? [] : ['browser answers', 'browser pages', 'browser lines']),
];
/** Shorter ones may stand anywhere. */
const PART_CHARACTERS = 8;

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
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
  const dashboardPort = await freePort();
  const installation = await Installation.start({ env: settingsForDashboard(dashboardPort) });
  cleanups.push(() => installation.stop());
  const { proxy, api, ledger } = installation;
  const visitor = noBrowserReason ? null : await visit(dashboardPort, installation.url);
  proxy.record();
  const runner = await installation.startRunner({ nodeArguments });
  const until = `${ledger.file}.go`;
  const run = `exec '${process.execPath}' '${PROGRAM}' ${Object.keys(secrets).join(' ')} --until '${until}'`;
  const job = await api.submit({ steps: [{ run }], secrets });
  await visitor?.follow(job);
  const prints = await eventually(
    'everything printed and stored',
    async () => {
      const last = (await api.log(job.id, 1)).at(-1);
      return /^prints: (\d+)$/.exec(last?.text ?? '')?.[1];
    },
    60_000,
  );

  // while it runs: its spool is removed with it
  const files = textsBelow(runner.workDir);
  expect(files.some(([name]) => name.endsWith('.jsonl'))).toBe(true);
  fs.writeFileSync(until, '');
  expect((await api.finished(job.id)).state).toBe('failed');
  const places: NamedText[] = [
    ...files,
    ...((await visitor?.readAll(job, (await api.log(job.id, 1)).length)) ?? []),
    ...proxy.recordings.map((bytes, index) => [`connection ${index}`, webSocketText(bytes)] as const),
    ...(await tables(installation.databaseUrl)),
    ...(await readings(installation, job.id)),
    ...[runner.process, installation.server].map(({ name, said }) => [name, said.join('\n')] as const),
  ];

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

interface Visitor {
  /** Opens the page of a job that runs. */
  follow(job: JobDetail): Promise<void>;
  /** All of a job that has failed, wherever the dashboard shows it. @returns what the browser received and showed */
  readAll(job: JobDetail, lines: number): Promise<NamedText[]>;
}

/** Somebody who has signed in to the dashboard. */
async function visit(port: number, serverUrl: string): Promise<Visitor> {
  const dashboard = await startDashboard(port, serverUrl);
  cleanups.push(() => dashboard.process.kill());
  // so high that some hundred lines are on it at a time
  const browser = await openBrowser({ viewport: { width: 1440, height: 6_000 } });
  cleanups.push(() => browser.close());
  const { page } = browser;
  const witness = new BrowserWitness(page);
  await page.goto(`${dashboard.url}/jobs`);
  await signIn(page, ADMIN);
  await liveState(page, 'Live');
  return {
    async follow({ id }) {
      await page.goto(`${dashboard.url}/jobs/${id}`);
      await liveState(page, 'Live');
    },
    async readAll({ id }, lines) {
      await jobState(page, 'Failed');
      await logLine(page, 'error: TOKEN ***');
      await page.getByTestId('seen-before').waitFor();
      await page.getByText('Specification', { exact: true }).click();
      await witness.readLog(lines);
      await page.getByRole('link', { name: 'Retry with changes' }).click();
      await page.getByLabel('Script').waitFor();
      await witness.look();
      await page.goto(`${dashboard.url}/logs?q=TOKEN`);
      await page.locator(`[data-job="${id}"]`).waitFor();
      await witness.look();
      const texts = [...(await witness.texts()), ['dashboard', dashboard.process.said.join('\n')] as const];
      // its lines came to the page by themselves
      expect(new Map(texts).get('browser frames')).toContain('job:log-grew');
      return texts;
    },
  };
}
