'use client';

import type { GitSourceSpec, SourceBody } from '@dibs/shared';
import { NumberInput, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import classes from './module-settings.module.css';

type Which = 'revision' | 'versions';

interface GitSourceFieldsProps {
  readonly initial: GitSourceSpec | null;
  /** null: what stands in the fields is not complete yet. */
  readonly onChange: (source: SourceBody | null) => void;
}

interface Draft {
  readonly url: string;
  readonly which: Which;
  /** Branch, tag, commit or range of versions. */
  readonly at: string;
  readonly path: string;
  readonly depth: number | string;
}

/** A repository, and what of it. */
export function GitSourceFields({ initial, onChange }: GitSourceFieldsProps) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(initial));
  const { url, which, at, path, depth } = draft;
  const change = (part: Partial<Draft>): void => {
    const next = { ...draft, ...part };
    setDraft(next);
    onChange(sourceOf(next));
  };
  return (
    <>
      <TextInput
        label="Git repository"
        description="Runners fetch it, with credentials that they alone have."
        placeholder="https://example.com/team/network.git"
        spellCheck={false}
        value={url}
        onChange={(event) => change({ url: event.currentTarget.value })}
        data-autofocus
      />
      <SegmentedControl
        fullWidth
        aria-label="Which commit"
        data={[
          { value: 'revision', label: 'Branch, tag or commit' },
          { value: 'versions', label: 'Newest tag in a range' },
        ]}
        value={which}
        onChange={(value) => change({ which: value })}
      />
      <TextInput
        aria-label={which === 'revision' ? 'Branch, tag or commit' : 'Range of versions'}
        placeholder={which === 'revision' ? 'the default branch' : '>=1.5 <2'}
        spellCheck={false}
        value={at}
        onChange={(event) => change({ at: event.currentTarget.value })}
      />
      <div className={classes.fields}>
        <TextInput
          label="Folder"
          placeholder="the root"
          spellCheck={false}
          value={path}
          onChange={(event) => change({ path: event.currentTarget.value })}
        />
        <NumberInput
          label="Commits of history"
          placeholder="the runner's setting"
          value={depth}
          onChange={(value) => change({ depth: value })}
          min={1}
          allowDecimal={false}
          allowNegative={false}
          hideControls
        />
      </div>
    </>
  );
}

function draftOf(source: GitSourceSpec | null): Draft {
  return {
    url: source?.url ?? '',
    which: source?.versions ? 'versions' : 'revision',
    at: source?.versions ?? source?.revision ?? '',
    path: source?.path ?? '',
    depth: source?.depth ?? '',
  };
}

function sourceOf({ url, which, at, path, depth }: Draft): SourceBody | null {
  const wanted = at.trim() || null;
  if (url.trim() === '' || (which === 'versions' && wanted === null)) return null;
  return {
    type: 'git',
    url: url.trim(),
    revision: which === 'revision' ? wanted : null,
    ...(which === 'versions' && { versions: wanted }),
    path: path.trim() || null,
    depth: depth === '' ? null : Number(depth),
  };
}
