import { ServicePrincipalsPage } from '../../../../features/administration/service-principals-page';

export default function ServicePrincipalsRoute() {
  return <ServicePrincipalsPage />;
}
