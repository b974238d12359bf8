import { OverviewPage } from '../../../features/overview/overview-page';

export default function OverviewRoute() {
  return <OverviewPage />;
}
