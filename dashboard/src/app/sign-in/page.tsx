import { Suspense } from 'react';
import { SignInPage } from '../../features/session/sign-in-page';

export default function SignInRoute() {
  return (
    <Suspense>
      <SignInPage />
    </Suspense>
  );
}
