'use client';

import { AppShell, Burger, Center, Group, Loader, NavLink, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconBoxMultiple,
  IconFileSearch,
  IconLayoutDashboard,
  IconServer2,
  IconShieldLock,
  IconStack2,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { usePathname, useRouter } from 'next/navigation';
import { useEffect, type ReactNode } from 'react';
import { ApiError, messageOf } from '../../api/api-error';
import { useSession } from '../../api/session';
import { LiveProvider } from '../../live/live-provider';
import { LoadError } from '../../ui/load-error';
import { Logo } from '../../ui/logo';
import { PauseBanner } from '../pauses/pause-banner';
import { AccountMenu } from './account-menu';
import { ColorSchemeToggle } from './color-scheme-toggle';
import { readEarly } from './early-reads';
import { LiveIndicator } from './live-indicator';
import { signInPath } from './return-path';
import classes from './shell.module.css';

const PAGES = [
  { href: '/overview', label: 'Overview', icon: IconLayoutDashboard },
  { href: '/jobs', label: 'Jobs', icon: IconStack2 },
  { href: '/logs', label: 'Search logs', icon: IconFileSearch },
  { href: '/modules', label: 'Modules', icon: IconBoxMultiple, permission: 'modules:read' },
  { href: '/runners', label: 'Runners', icon: IconServer2 },
  { href: '/administration', label: 'Administration', icon: IconShieldLock, permission: 'access:read' },
] as const;

/** Frame of every page behind the sign-in. Nobody signed in: to the sign-in page, and back afterwards. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const session = useSession();
  const router = useRouter();
  const isSignedOut = session.data === null;

  useEffect(() => readEarly(client, location), [client]);

  useEffect(() => {
    if (isSignedOut) router.replace(signInPath(location.pathname + location.search + location.hash));
  }, [isSignedOut, router]);

  if (session.data) {
    return (
      <LiveProvider>
        <Frame>{children}</Frame>
      </LiveProvider>
    );
  }
  return (
    <Center mih="100dvh" component="main">
      {session.error ? (
        <LoadError
          isPage
          what="Your session"
          detail={messageOf(session.error)}
          requestId={session.error instanceof ApiError ? session.error.requestId : null}
          onRetry={() => void session.refetch()}
          isRetrying={session.isFetching}
        />
      ) : (
        <Loader color="gray" size="sm" aria-label="Loading" />
      )}
    </Center>
  );
}

function Frame({ children }: { readonly children: ReactNode }) {
  const [isOpen, menu] = useDisclosure(false);
  const pathname = usePathname();
  const permissions = useSession().data?.permissions ?? [];
  const pages = PAGES.filter((page) => !('permission' in page) || permissions.includes(page.permission));
  return (
    <AppShell
      header={{ height: 52, collapsed: false }}
      navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={0}
      layout="alt"
      className={classes.shell}
    >
      <a href="#content" className="skip-link">
        Skip to the content
      </a>
      <AppShell.Header className={classes.header}>
        <Group gap="sm" hiddenFrom="sm">
          <Burger opened={isOpen} onClick={menu.toggle} size="sm" aria-label="Navigation" />
          <Logo />
          <Text fw={650}>Dibs</Text>
        </Group>
        <span />
        <Group gap="xs" wrap="nowrap">
          <LiveIndicator />
          <ColorSchemeToggle />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} aria-label="Main">
        <Group className={classes.brand} gap="sm">
          <Logo size={24} />
          <Text fw={650} size="lg">
            Dibs
          </Text>
          <Burger ml="auto" hiddenFrom="sm" opened onClick={menu.close} size="sm" aria-label="Close navigation" />
        </Group>
        <nav className={classes.pages} aria-label="Pages">
          {pages.map(({ href, label, icon: Icon }) => (
            <NavLink
              key={href}
              component={Link}
              href={href}
              // six pages more, asked for in the moment in which the one that was opened needs the connection
              prefetch={false}
              label={label}
              leftSection={<Icon size={18} stroke={1.7} />}
              active={pathname.startsWith(href)}
              aria-current={pathname.startsWith(href) ? 'page' : undefined}
              onClick={menu.close}
              className={classes.page}
            />
          ))}
        </nav>
        <AccountMenu />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <div className={classes.content}>
          <PauseBanner />
          {children}
        </div>
      </AppShell.Main>
    </AppShell>
  );
}
