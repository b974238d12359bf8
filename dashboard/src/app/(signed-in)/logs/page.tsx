import { Suspense } from 'react';
import { SearchLogsPage } from '../../../features/log-search/search-logs-page';

export default function SearchLogsRoute() {
  return (
    <Suspense>
      <SearchLogsPage />
    </Suspense>
  );
}
