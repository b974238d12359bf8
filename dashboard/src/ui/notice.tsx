import { Box, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './notice.module.css';

interface NoticeProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  readonly isAlert?: boolean;
  /** It is all there is on the page. */
  readonly isPage?: boolean;
}

/** What stands where content would be: nothing there yet, or it could not be read, and what to do about it. */
export function Notice({ icon, title, children, actions, isAlert = false, isPage = false }: NoticeProps) {
  return (
    <Box className={classes.notice} role={isAlert ? 'alert' : undefined} data-alert={isAlert || undefined}>
      <span className={classes.icon} aria-hidden>
        {icon}
      </span>
      <Stack gap="xs" className={classes.body}>
        <Title order={isPage ? 1 : 2} size="h2">
          {title}
        </Title>
        {typeof children === 'string' ? <Text c="dimmed">{children}</Text> : children}
        {actions && <div className={classes.actions}>{actions}</div>}
      </Stack>
    </Box>
  );
}
