'use client';

import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { visibleText } from './visible-text';
import classes from './code-block.module.css';

interface CodeBlockProps {
  readonly code: string;
  /** What it is, for screen readers. */
  readonly label: string;
  readonly maxHeight?: number;
}

/** Text to be copied whole, with a button for it. What it would hide is shown. */
export function CodeBlock({ code, label, maxHeight }: CodeBlockProps) {
  return (
    <div className={classes.block}>
      <pre className={classes.code} style={{ maxHeight }} tabIndex={0} aria-label={label}>
        {code.split('\n').map(visibleText).join('\n')}
      </pre>
      <div className={classes.copy}>
        <CopyIcon value={code} label={`Copy ${label}`} />
      </div>
    </div>
  );
}

export function CopyIcon({ value, label }: { readonly value: string; readonly label: string }) {
  return (
    <CopyButton value={value} timeout={1_500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon variant="subtle" color="gray" size="md" onClick={copy} aria-label={copied ? 'Copied' : label}>
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
