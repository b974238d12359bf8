'use client';

import { Skeleton, Text } from '@mantine/core';
import Link from 'next/link';
import { messageOf } from '../../api/api-error';
import { useAssignments } from '../../api/runners';
import { placePath } from '../hierarchy/places';
import classes from './runners.module.css';

/** Asked when somebody looks. */
export function RunnerAssignmentsList({ runnerId }: { readonly runnerId: string }) {
  const { data, error } = useAssignments(runnerId);
  if (error) {
    return (
      <Text size="sm" role="alert">
        They could not be loaded: {messageOf(error)}
      </Text>
    );
  }
  if (!data) return <Skeleton height={14} width={160} />;
  return (
    <ul className={classes.assignments}>
      {data.items.map((item) => (
        <li key={item.id}>
          <span className={classes.note}>{item.kind}</span>{' '}
          <Link href={placePath(item.kind, item.targetId, 'access')} className="link">
            <bdi>{item.path}</bdi>
          </Link>
        </li>
      ))}
    </ul>
  );
}
