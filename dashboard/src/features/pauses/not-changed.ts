import { notifications } from '@mantine/notifications';
import { messageOf } from '../../api/api-error';

/** Says why something was not paused, resumed, begun or ended. */
export function notChanged(error: unknown): void {
  notifications.show({ color: 'red', title: 'Not changed', message: messageOf(error) });
}
