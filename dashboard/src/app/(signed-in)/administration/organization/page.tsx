import { OrganizationPage } from '../../../../features/administration/organization-page';

export default function OrganizationRoute() {
  return <OrganizationPage />;
}
