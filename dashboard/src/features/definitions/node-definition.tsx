'use client';

import type { HierarchyNodeView } from '@dibs/shared';
import { DefinitionPart } from './definition-part';

export function NodeDefinition({ node }: { readonly node: HierarchyNodeView }) {
  return (
    <DefinitionPart
      holder={{ kind: node.kind, id: node.id }}
      name={node.path.replaceAll('/', '-')}
      mayManage={node.permissions.includes('modules:manage')}
    />
  );
}
