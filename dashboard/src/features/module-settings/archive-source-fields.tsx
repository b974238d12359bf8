'use client';

import type { ArchiveSourceSpec, SourceBody } from '@dibs/shared';
import { FileInput, Loader, Text, TextInput } from '@mantine/core';
import { IconFileZip } from '@tabler/icons-react';
import { useState } from 'react';
import { messageOf } from '../../api/api-error';
import { useUploadArchive } from '../../api/source-archives';
import classes from './module-settings.module.css';

interface ArchiveSourceFieldsProps {
  readonly initial: ArchiveSourceSpec | null;
  /** null: nothing is uploaded yet. */
  readonly onChange: (source: SourceBody | null) => void;
}

/** A file that is uploaded as soon as it is chosen, and what of it. */
export function ArchiveSourceFields({ initial, onChange }: ArchiveSourceFieldsProps) {
  const upload = useUploadArchive();
  const [sha256, setSha256] = useState(initial?.sha256 ?? null);
  const [path, setPath] = useState(initial?.path ?? '');
  const tell = (uploaded: string | null, folder: string): void =>
    onChange(uploaded === null ? null : { type: 'archive', sha256: uploaded, path: folder.trim() || null });
  const choose = (file: File | null): void => {
    if (file === null) return;
    setSha256(null);
    tell(null, path);
    upload.mutate(file, {
      onSuccess: (archive) => {
        setSha256(archive.sha256);
        tell(archive.sha256, path);
      },
    });
  };
  return (
    <>
      <FileInput
        label="Archive"
        description="tar, tar.gz or zip of at most 64 MiB. Runners get it from this server."
        placeholder={initial ? 'another one' : 'choose a file'}
        accept=".tar,.tgz,.gz,.zip"
        leftSection={upload.isPending ? <Loader size={16} /> : <IconFileZip size={16} />}
        disabled={upload.isPending}
        error={upload.error && messageOf(upload.error)}
        onChange={choose}
      />
      {sha256 !== null && (
        <Text size="sm" role="status">
          {upload.data ? 'Uploaded' : 'Now'}: <bdi className={classes.sha256}>sha256:{sha256}</bdi>
        </Text>
      )}
      <TextInput
        label="Folder"
        placeholder="the root"
        spellCheck={false}
        disabled={upload.isPending}
        value={path}
        onChange={({ currentTarget: { value } }) => {
          setPath(value);
          tell(sha256, value);
        }}
      />
    </>
  );
}
