import { describe, expect, test } from '@jest/globals';
import { ON_MODULE_FAILURE, SCOPE_RUN_OPERATIONS, type ScopeRunModuleState } from '@dibs/shared';
import { nextScopeRunSteps, type ScopeRunFacts } from './next-scope-run-steps.js';

const NODES = ['a', 'b', 'c', 'd'] as const;
/** Every graph of four modules that is already in order. */
const PAIRS = NODES.flatMap((from, index) => NODES.slice(index + 1).map((to) => ({ from, to })));
const GRAPHS = Array.from({ length: 2 ** PAIRS.length }, (_, bits) => PAIRS.filter((_pair, at) => (bits >> at) & 1));
type Outcome = Extract<ScopeRunModuleState, 'succeeded' | 'failed' | 'canceled' | 'skipped'>;
type Edges = readonly { readonly from: string; readonly to: string }[];

const APPLY: ScopeRunFacts = { operation: 'apply', onFailure: 'stop', cancelRequested: false };
const modulesOf = (states: ReadonlyMap<string, ScopeRunModuleState>) =>
  [...states].map(([moduleId, state]) => ({ moduleId, state }));

/** Runs everything to its end, as far as it goes at once. @returns the modules in the order in which they began */
function play(run: ScopeRunFacts, edges: Edges, outcomeOf: (moduleId: string) => Outcome) {
  const states = new Map<string, ScopeRunModuleState>(NODES.map((id) => [id, 'waiting']));
  const begun: string[] = [];
  for (let rounds = 0; rounds < 20; rounds += 1) {
    const { begin, skip, cancel, end } = nextScopeRunSteps(run, modulesOf(states), edges);
    if (end !== null) return { begun, states, end };
    const [running] = modulesOf(states).filter(({ state }) => state === 'running');
    if (begin.length + skip.size + cancel.length === 0 && running === undefined) throw new Error('it is stuck');
    for (const id of begin) states.set(id, 'running');
    for (const id of skip.keys()) states.set(id, 'skipped');
    begun.push(...begin);
    // one after the other, so that some still run when others begin
    if (running !== undefined) states.set(running.moduleId, outcomeOf(running.moduleId));
  }
  throw new Error('it does not end');
}

/** @param isReversed when everything is destroyed */
function behind(id: string, edges: Edges, isReversed: boolean): string[] {
  const next = edges.flatMap(({ from, to }) => ((isReversed ? to : from) === id ? [isReversed ? from : to] : []));
  return [...new Set(next.flatMap((each) => [each, ...behind(each, edges, isReversed)]))];
}

/** What is wrong with how a run went in which one module was not successful. */
function faults(run: ScopeRunFacts, edges: Edges, bad: string | null, how: Outcome): string[] {
  const isReversed = run.operation === 'destroy';
  const { begun, states, end } = play(run, edges, (id) => (id === bad ? how : 'succeeded'));
  const place = (id: string): number => (begun.includes(id) ? begun.indexOf(id) : Infinity);
  const isEarly = ({ from, to }: Edges[number]): boolean =>
    isReversed ? place(from) < place(to) : place(to) < place(from);
  const skipped = NODES.filter((id) => states.get(id) === 'skipped' && id !== bad);
  const lost = how === 'skipped' || bad === null ? [] : behind(bad, edges, isReversed);
  const isWrong = {
    twice: new Set(begun).size !== begun.length,
    early: edges.some(isEarly),
    ended: end !== (bad === null || how === 'skipped' ? 'succeeded' : 'failed'),
    open: [...states.values()].some((state) => state === 'waiting' || state === 'running'),
    begunForNothing: lost.some((id) => begun.includes(id)),
    skippedForNothing: run.onFailure === 'continue' && skipped.some((id) => !lost.includes(id)),
    skippedAndBegun: skipped.some((id) => begun.includes(id)),
  };
  return Object.entries(isWrong).flatMap(([fault, is]) =>
    is ? [`${fault}: ${JSON.stringify([edges, bad, how, begun])}`] : [],
  );
}

describe.each(SCOPE_RUN_OPERATIONS)('a run that is to %s', (operation) => {
  test.each(ON_MODULE_FAILURE)(
    'ends with every module where it belongs, for every graph of four, whichever fails: %s',
    (onFailure) => {
      const run: ScopeRunFacts = { operation, onFailure, cancelRequested: false };
      const all = GRAPHS.flatMap((edges) =>
        [null, ...NODES].flatMap((bad) =>
          (['failed', 'canceled', 'skipped'] as const).flatMap((how) => faults(run, edges, bad, how)),
        ),
      );
      expect(all).toEqual([]);
    },
  );
});

test('what fails stops also what does not depend on it, and waits for what runs', () => {
  const steps = nextScopeRunSteps(
    APPLY,
    [
      { moduleId: 'a', state: 'failed' },
      { moduleId: 'b', state: 'running' },
      { moduleId: 'c', state: 'waiting' },
    ],
    [],
  );
  expect(steps).toEqual({ begin: [], skip: new Map([['c', ['a']]]), cancel: [], end: null });
});

test('one that depends on skipped ones is told which failed', () => {
  const states = new Map<string, ScopeRunModuleState>([
    ['a', 'failed'],
    ['b', 'canceled'],
    ['c', 'skipped'],
    ['d', 'waiting'],
  ]);
  const edges = ['a', 'b'].map((from) => ({ from, to: 'c' })).concat({ from: 'c', to: 'd' });
  const { skip } = nextScopeRunSteps({ ...APPLY, onFailure: 'continue' }, modulesOf(states), edges);
  expect(skip).toEqual(new Map([['d', ['a', 'b']]]));
});

test.each<[ScopeRunModuleState[], string[], string | null]>([
  [['running', 'waiting'], ['1'], null],
  [['running', 'canceled'], [], null],
  [['canceled', 'canceled'], [], 'canceled'],
  [['failed', 'canceled'], [], 'canceled'],
  // the cancel came when it was through, or when nothing was left but what failed
  [['succeeded', 'succeeded'], [], 'succeeded'],
  [['succeeded', 'failed'], [], 'failed'],
])('canceled with its modules %j it cancels %j and ends as %j', (states, canceled, ended) => {
  const modules = states.map((state, index) => ({ moduleId: String(index), state }));
  const steps = nextScopeRunSteps({ ...APPLY, cancelRequested: true }, modules, []);
  expect(steps).toEqual({ begin: [], skip: new Map(), cancel: canceled, end: ended });
});
