import { ApiTokensPage } from '../../../../features/administration/api-tokens-page';

export default function ApiTokensRoute() {
  return <ApiTokensPage />;
}
