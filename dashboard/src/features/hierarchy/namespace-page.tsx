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

export function NamespacePage({ namespaceId }: { readonly namespaceId: string }) {
  return (
    <NodeFrame
      kind="namespace"
      id={namespaceId}
      description="Namespace: what is set here counts for all modules in it, unless they set it themselves."
      actions={(node) => <ScopeRunButtons node={node} kind="namespace" />}
      parts={(node) => ({
        modules: {
          label: 'Modules',
          show: () => (
            <NodeList kind="module" parentId={namespaceId} mayManage={node.permissions.includes('modules:manage')} />
          ),
        },
        runs: { label: 'Runs', show: () => <ScopeRunsPart node={node} kind="namespace" /> },
        graph: { label: 'Graph', show: () => <GraphPart node={node} kind="namespace" /> },
        inputs: { label: 'Inputs and files', show: () => <NodeInputs node={node} /> },
        settings: { label: 'Settings', show: () => <NodeSettings node={node} /> },
        definition: { label: 'Definition', show: () => <NodeDefinition node={node} /> },
        access: { label: 'Access and runners', show: () => <NodeAccess node={node} /> },
      })}
    />
  );
}
