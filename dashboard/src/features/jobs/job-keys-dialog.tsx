'use client';

import { Kbd, Modal } from '@mantine/core';
import { JOB_KEYS } from './use-job-keys';
import classes from './job-table.module.css';

/** It is open while it is there. */
export function JobKeysDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title="Keys of this page"
      radius="lg"
      size={360}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <dl className={classes.keys}>
        {JOB_KEYS.map(({ keys, does }) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
