'use client';

import { Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { usePermission } from '../../api/session';
import { useTab } from '../../live/use-tab';
import { Notice } from '../../ui/notice';
import { PageHeader } from '../../ui/page-header';
import { PageTabs } from '../../ui/page-tabs';
import classes from './administration.module.css';

const PAGES = [
  { href: '/administration/users', label: 'Users' },
  { href: '/administration/service-principals', label: 'Service principals' },
  { href: '/administration/api-tokens', label: 'API tokens' },
  { href: '/administration/audit', label: 'Audit trail' },
  { href: '/administration/organization', label: 'Organization' },
] as const;

/** What all pages of the administration share; those who may not see them learn who may. */
export function AdministrationFrame({ children }: { readonly children: ReactNode }) {
  const mayRead = usePermission('access:read');
  const pathname = usePathname();
  const page = PAGES.find(({ href }) => pathname.startsWith(href));
  useTab(page?.label ?? 'Administration');
  if (!mayRead) {
    return (
      <Notice isPage icon={<IconLock size={22} />} title="This is for administrators">
        Your role does not include it. An administrator or owner of your organization can give you another one.
      </Notice>
    );
  }
  return (
    <>
      <PageHeader title="Administration" description="Who may do what in your organization, and who did." />
      <PageTabs label="Administration" tabs={PAGES} current={page?.href} />
      {children}
    </>
  );
}

interface AboveProps {
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** What the list below is, and the button that adds to it. */
export function AboveList({ children, action }: AboveProps) {
  return (
    <div className={classes.above}>
      <Text c="dimmed" className={classes.explained}>
        {children}
      </Text>
      {action}
    </div>
  );
}
