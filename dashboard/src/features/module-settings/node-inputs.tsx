'use client';

import type { HierarchyNodeView } from '@dibs/shared';
import { InputSections } from './input-sections';
import { WithSettings } from './node-settings';

export function NodeInputs({ node }: { readonly node: HierarchyNodeView }) {
  return <WithSettings node={node}>{(scope) => <InputSections scope={scope} />}</WithSettings>;
}
