'use client';

import { Button, Center } from '@mantine/core';
import { IconBug } from '@tabler/icons-react';
import { Notice } from '../ui/notice';

interface ErrorPageProps {
  readonly error: Error & { readonly digest?: string };
  readonly reset: () => void;
}

export default function ErrorPage({ error, reset }: ErrorPageProps) {
  return (
    <Center mih="100dvh" component="main">
      <Notice
        isPage
        isAlert
        icon={<IconBug size={22} />}
        title="This page broke"
        actions={
          <Button variant="default" onClick={reset}>
            Show it again
          </Button>
        }
      >
        {`It is a defect of the dashboard; your jobs and runners are not affected. ${error.message}`}
      </Notice>
    </Center>
  );
}
