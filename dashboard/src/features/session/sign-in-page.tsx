'use client';

import { Button, Center, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDocumentTitle } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { useEffect } from 'react';
import { ApiError, messageOf } from '../../api/api-error';
import { keys } from '../../api/keys';
import { signIn, useSession } from '../../api/session';
import { Callout } from '../../ui/callout';
import { Logo } from '../../ui/logo';
import { returnPath } from './return-path';

export function SignInPage() {
  useDocumentTitle('Sign in · Dibs');
  const router = useRouter();
  const next = returnPath(useSearchParams().get('next'));
  const client = useQueryClient();
  const session = useSession();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (value.trim() ? null : 'Enter your e-mail address'),
      password: (value) => (value ? null : 'Enter your password'),
    },
  });
  const attempt = useMutation({
    mutationFn: signIn,
    onSuccess: (me) => client.setQueryData(keys.session, me),
  });

  useEffect(() => {
    if (session.data) router.replace(next);
  }, [session.data, router, next]);

  return (
    <Center mih="100dvh" p="md" component="main">
      <Stack w="100%" maw={380} gap="lg">
        <Group gap="sm" justify="center">
          <Logo size={32} />
          <Title order={1}>Sign in to Dibs</Title>
        </Group>
        <Paper p="xl" radius="lg">
          <form
            noValidate
            onSubmit={form.onSubmit(({ email, password }) => attempt.mutate({ email: email.trim(), password }))}
          >
            <Stack>
              {attempt.error && (
                <Callout tone="bad" role="alert">
                  {signInProblem(attempt.error)}
                </Callout>
              )}
              <TextInput
                label="E-mail"
                type="email"
                autoComplete="username"
                autoFocus
                key={form.key('email')}
                {...form.getInputProps('email')}
              />
              <PasswordInput
                label="Password"
                autoComplete="current-password"
                key={form.key('password')}
                {...form.getInputProps('password')}
              />
              <Button type="submit" fullWidth mt="xs" loading={attempt.isPending || Boolean(session.data)}>
                Sign in
              </Button>
            </Stack>
          </form>
        </Paper>
        <Text c="dimmed" size="xs" ta="center">
          The first user is printed by <code>npm start</code>, or set by DIBS_ADMIN_EMAIL and DIBS_ADMIN_PASSWORD.
        </Text>
      </Stack>
    </Center>
  );
}

function signInProblem(error: Error): string {
  if (!(error instanceof ApiError)) return messageOf(error);
  if (error.status === 401) return 'E-mail address or password is wrong.';
  if (error.status === 429) {
    const wait = error.retryAfterSeconds ? `in ${error.retryAfterSeconds} seconds` : 'in a minute';
    return `Too many attempts. Try again ${wait}.`;
  }
  if (error.status === 403) {
    return `${error.message} If this address is right, the server's DASHBOARD_ORIGIN must contain ${location.origin}.`;
  }
  return error.message;
}
