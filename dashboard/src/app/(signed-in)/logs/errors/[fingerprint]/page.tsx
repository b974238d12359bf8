import { SameErrorPage } from '../../../../../features/log-search/same-error-page';

export default async function SameErrorRoute({ params }: { readonly params: Promise<{ fingerprint: string }> }) {
  return <SameErrorPage fingerprint={(await params).fingerprint} />;
}
