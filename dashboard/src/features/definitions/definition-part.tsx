'use client';

import { Button, Skeleton, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { ApiError, messageOf } from '../../api/api-error';
import { definitionAddress, useDefinition } from '../../api/definitions';
import type { SettingsHolder } from '../../api/hierarchy';
import { CodeBlock } from '../../ui/code-block';
import { LoadError } from '../../ui/load-error';
import { AboveList } from '../administration/administration-frame';
import { ImportDefinition } from './import-definition';
import classes from './definitions.module.css';

interface DefinitionPartProps {
  readonly holder: SettingsHolder;
  /** Of the file. */
  readonly name: string;
  readonly mayManage: boolean;
}

/** Everything that is set here and inside as one file, and the way back. */
export function DefinitionPart({ holder, name, mayManage }: DefinitionPartProps) {
  const { data, error, refetch, isFetching } = useDefinition(holder);
  return (
    <div className={classes.sections}>
      <section aria-labelledby="export-title">
        <Title order={2} id="export-title" mb={4}>
          As it is now
        </Title>
        <AboveList
          action={
            <Button
              component="a"
              href={definitionAddress(holder)}
              download={`${name}.yaml`}
              variant="default"
              leftSection={<IconDownload size={16} />}
            >
              Download
            </Button>
          }
        >
          Everything that is set here and inside, in one file that can live in git. Secrets are named without their
          values.
        </AboveList>
        {data !== undefined ? (
          <CodeBlock code={data} label="the definition" maxHeight={380} />
        ) : error ? (
          <LoadError
            what="The definition"
            detail={messageOf(error)}
            requestId={error instanceof ApiError ? error.requestId : null}
            onRetry={() => void refetch()}
            isRetrying={isFetching}
          />
        ) : (
          <Skeleton height={200} radius="lg" role="status" aria-label="Loading the definition" />
        )}
      </section>
      {mayManage && <ImportDefinition holder={holder} />}
    </div>
  );
}
