'use client';

import { Anchor } from '@mantine/core';
import { IconFileUnknown } from '@tabler/icons-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { ApiError, isApiError, messageOf } from '../../api/api-error';
import { LoadError } from '../../ui/load-error';
import { Notice } from '../../ui/notice';

interface LoadedPageProps<Data> {
  readonly query: {
    readonly data: Data | undefined;
    readonly error: Error | null;
    readonly isFetching: boolean;
    readonly refetch: () => Promise<unknown>;
  };
  /** As in "There is no such job". */
  readonly what: string;
  /** Why there may be none. */
  readonly missing: string;
  /** Where to look for others. */
  readonly wayOut: { readonly href: string; readonly label: string };
  /** Shown while it is on its way. */
  readonly skeleton: ReactNode;
  /** @param readProblem why what is shown could not be read again; null: it could */
  readonly children: (data: Data, readProblem: string | null) => ReactNode;
}

/** The page of one thing in each of its states: on its way, broken, not there, there, behind. */
export function LoadedPage<Data>({ query, what, missing, wayOut, skeleton, children }: LoadedPageProps<Data>) {
  const { data, error, isFetching, refetch } = query;
  // an address that is no id is answered 400
  if (isApiError(error, 404) || isApiError(error, 400)) {
    return (
      <Notice
        isPage
        icon={<IconFileUnknown size={22} />}
        title={`There is no such ${what}`}
        actions={
          <Anchor component={Link} href={wayOut.href}>
            {wayOut.label}
          </Anchor>
        }
      >
        {missing}
      </Notice>
    );
  }
  if (data !== undefined) return children(data, error && messageOf(error));
  if (!error) return skeleton;
  return (
    <LoadError
      isPage
      what={`The ${what}`}
      detail={messageOf(error)}
      requestId={error instanceof ApiError ? error.requestId : null}
      onRetry={() => void refetch()}
      isRetrying={isFetching}
    />
  );
}
