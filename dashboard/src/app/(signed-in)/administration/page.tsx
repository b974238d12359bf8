import { redirect } from 'next/navigation';

export default function AdministrationRoute() {
  redirect('/administration/users');
}
