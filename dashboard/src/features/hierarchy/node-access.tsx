'use client';

import type { HierarchyNodeView } from '@dibs/shared';
import { usePermission } from '../../api/session';
import { NodeGrants } from './node-grants';
import { NodeRunners } from './node-runners';
import classes from './hierarchy.module.css';

/** Who may do what here, and which runners may take its jobs. */
export function NodeAccess({ node }: { readonly node: HierarchyNodeView }) {
  const mayReadRunners = usePermission('runners:read');
  return (
    <div className={classes.sections}>
      {mayReadRunners && <NodeRunners node={node} />}
      {node.permissions.includes('access:read') && <NodeGrants node={node} />}
    </div>
  );
}
