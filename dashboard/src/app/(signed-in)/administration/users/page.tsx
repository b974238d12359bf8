import { UsersPage } from '../../../../features/administration/users-page';

export default function UsersRoute() {
  return <UsersPage />;
}
