'use client';

import { Anchor, Center } from '@mantine/core';
import { IconMapPinOff } from '@tabler/icons-react';
import Link from 'next/link';
import { Notice } from '../../ui/notice';

export function NoSuchPage() {
  return (
    <Center mih="100dvh" component="main">
      <Notice
        isPage
        icon={<IconMapPinOff size={22} />}
        title="There is no such page"
        actions={
          <Anchor component={Link} href="/overview">
            Go to the overview
          </Anchor>
        }
      >
        The address may be mistyped.
      </Notice>
    </Center>
  );
}
