import { EngineRefusal, type PlanCounts } from './engine.js';

/** Of `terraform show -json`: what matters here, of format 1.x. */
interface TerraformPlan {
  readonly resource_changes?: readonly {
    readonly mode?: string;
    readonly previous_address?: string;
    readonly change?: { readonly actions?: readonly string[]; readonly importing?: unknown };
  }[];
  readonly output_changes?: Readonly<Record<string, { readonly actions?: readonly string[] }>>;
  /** Not said by tofu, nor by terraform before 1.9. */
  readonly applyable?: boolean;
}

const NOTHING: ReadonlySet<string> = new Set(['no-op', 'read']);

/** @throws EngineRefusal when it is not JSON */
export function countTerraformPlan(json: string): PlanCounts {
  const plan = parsePlan(json) as TerraformPlan;
  const resources = (plan.resource_changes ?? []).filter(({ mode }) => mode !== 'data');
  const actions = resources.map(({ change }) => change?.actions ?? []);
  const count = (action: string) => actions.filter((each) => each.includes(action)).length;
  const hasChanges =
    plan.applyable === true ||
    [...actions, ...Object.values(plan.output_changes ?? {}).map((change) => change.actions ?? [])]
      .flat()
      .some((action) => !NOTHING.has(action)) ||
    // moved or taken over, without a change of its own
    resources.some((each) => each.previous_address !== undefined || each.change?.importing !== undefined);
  return { add: count('create'), change: count('update'), destroy: count('delete'), hasChanges };
}

/** What pulumi calls its operations, by what they do to the resource. The rest leaves it as it is. */
const PULUMI_OPERATIONS: Readonly<Record<string, 'add' | 'change' | 'destroy'>> = {
  create: 'add',
  'create-replacement': 'add',
  update: 'change',
  import: 'change',
  'import-replacement': 'add',
  delete: 'destroy',
  'delete-replaced': 'destroy',
};

/** @param operations one for each resource and step, as pulumi calls them */
export function countPulumiOperations(operations: readonly string[]): PlanCounts {
  const counts = { add: 0, change: 0, destroy: 0 };
  for (const operation of operations) {
    const kind = PULUMI_OPERATIONS[operation];
    if (kind) counts[kind] += 1;
  }
  return { ...counts, hasChanges: counts.add + counts.change + counts.destroy > 0 };
}

/** @throws EngineRefusal when it is not the JSON of an object */
export function parsePlan(json: string): object {
  try {
    const plan: unknown = JSON.parse(json);
    if (typeof plan === 'object' && plan !== null) return plan;
  } catch {
    // said below; the text itself may hold secrets
  }
  throw new EngineRefusal('step_failed', 'The engine does not describe its plan as JSON.');
}
