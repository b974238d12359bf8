'use client';

import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import Link from 'next/link';
import { usePermission } from '../../api/session';

/** The way to the form, for those who may submit. */
export function SubmitLink() {
  const maySubmit = usePermission('jobs:submit');
  if (!maySubmit) return null;
  return (
    <Button component={Link} href="/jobs/new" leftSection={<IconPlus size={16} />}>
      Submit a job
    </Button>
  );
}
