'use client';

import { NodeDefinition } from '../definitions/node-definition';
import { NodeInputs } from '../module-settings/node-inputs';
import { NodeSettings } from '../module-settings/node-settings';
import { ModuleOutputsPart } from '../module-runs/module-outputs-part';
import { ModuleRunsPart } from '../module-runs/module-runs-part';
import { RunButtons } from '../module-runs/run-buttons';
import { NodeAccess } from './node-access';
import { NodeFrame } from './node-frame';

export function ModulePage({ moduleId }: { readonly moduleId: string }) {
  return (
    <NodeFrame
      kind="module"
      id={moduleId}
      description="Module: one configuration, planned and applied by runners."
      actions={(node) => <RunButtons module={node} />}
      parts={(node) => ({
        runs: { label: 'Runs', show: () => <ModuleRunsPart module={node} /> },
        outputs: { label: 'Outputs', show: () => <ModuleOutputsPart module={node} /> },
        inputs: { label: 'Inputs and files', show: () => <NodeInputs node={node} /> },
        settings: { label: 'Settings', show: () => <NodeSettings node={node} /> },
        definition: { label: 'Definition', show: () => <NodeDefinition node={node} /> },
        access: { label: 'Access and runners', show: () => <NodeAccess node={node} /> },
      })}
    />
  );
}
