import type { DefinitionChanges } from '@dibs/shared';

/** In one sentence, as in `Would create 1 and delete 2. 5 parts are already as it says.` */
export function summaryOf({ dryRun, changes, unchangedCount }: DefinitionChanges): string {
  const count = (action: string): number => changes.filter((change) => change.action === action).length;
  const parts = (
    [
      ['create', 'Created', count('created')],
      ['change', 'Changed', count('updated')],
      ['delete', 'Deleted', count('deleted')],
    ] as const
  ).filter(([, , many]) => many > 0);
  const words = parts.map(([would, did, many], index) =>
    dryRun ? `${would} ${many}` : `${index === 0 ? did : did.toLowerCase()} ${many}`,
  );
  const list = words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words[0];
  const done = list === undefined ? 'Nothing changes.' : dryRun ? `It would ${list}.` : `${list}.`;
  if (unchangedCount === 0) return done;
  return `${done} ${unchangedCount === 1 ? '1 part is' : `${unchangedCount} parts are`} already as it says.`;
}
