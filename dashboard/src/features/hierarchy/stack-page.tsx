'use client';

import { NodeDefinition } from '../definitions/node-definition';
import { NodeAccess } from './node-access';
import { NodeFrame } from './node-frame';
import { NodeList } from './node-list';
import { NodeInputs } from '../module-settings/node-inputs';
import { NodeSettings } from '../module-settings/node-settings';
import { GraphPart } from '../scope-runs/graph-part';
import { ScopeRunButtons } from '../scope-runs/scope-run-buttons';
import { ScopeRunsPart } from '../scope-runs/scope-runs-part';

export function StackPage({ stackId }: { readonly stackId: string }) {
  return (
    <NodeFrame
      kind="stack"
      id={stackId}
      description="Stack: what is set here counts for all modules in it, unless they set it themselves."
      actions={(node) => <ScopeRunButtons node={node} kind="stack" />}
      parts={(node) => ({
        namespaces: {
          label: 'Namespaces',
          show: () => (
            <NodeList kind="namespace" parentId={stackId} mayManage={node.permissions.includes('modules:manage')} />
          ),
        },
        runs: { label: 'Runs', show: () => <ScopeRunsPart node={node} kind="stack" /> },
        graph: { label: 'Graph', show: () => <GraphPart node={node} kind="stack" /> },
        inputs: { label: 'Inputs and files', show: () => <NodeInputs node={node} /> },
        settings: { label: 'Settings', show: () => <NodeSettings node={node} /> },
        definition: { label: 'Definition', show: () => <NodeDefinition node={node} /> },
        access: { label: 'Access and runners', show: () => <NodeAccess node={node} /> },
      })}
    />
  );
}
