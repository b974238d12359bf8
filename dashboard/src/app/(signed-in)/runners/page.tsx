import { RunnersPage } from '../../../features/runners/runners-page';

export default function RunnersRoute() {
  return <RunnersPage />;
}
