import type { Metadata } from 'next';
import { NoSuchPage } from '../features/session/no-such-page';

export const metadata: Metadata = { title: 'No such page · Dibs' };

export default function NotFoundPage() {
  return <NoSuchPage />;
}
