'use client';

import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { createQueryClient } from '../api/query-client';
import { serverNowMs } from '../api/server-clock';
import { cssVariablesResolver, theme } from '../ui/theme';
import { NowContext } from '../ui/times';

export function Providers({ children }: { readonly children: ReactNode }) {
  const [queryClient] = useState(createQueryClient);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <NowContext value={serverNowMs}>
          <Notifications position="bottom-right" />
          {children}
        </NowContext>
      </QueryClientProvider>
    </MantineProvider>
  );
}
