import type { ReactNode } from 'react';
import { AdministrationFrame } from '../../../features/administration/administration-frame';

export default function AdministrationLayout({ children }: { readonly children: ReactNode }) {
  return <AdministrationFrame>{children}</AdministrationFrame>;
}
