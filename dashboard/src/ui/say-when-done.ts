import { notifications } from '@mantine/notifications';

/**
 * For forms that are made anew when what is stored changes: what was changed may be read again before the answer is here,
 * and the `onSuccess` of a form that is gone is never called. A failure is for the form to show.
 */
export function sayWhenDone(change: Promise<unknown>, message: string): void {
  change.then(
    () => notifications.show({ color: 'green', message }),
    () => undefined,
  );
}
