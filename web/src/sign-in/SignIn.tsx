import { Anchor, Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate, useLocation } from 'react-router';
import { get } from '../api/request.ts';
import { useSession } from '../api/session.ts';
import { Entrance } from '../parts/Entrance.tsx';
import { Ended } from './Ended.tsx';
import { ForgottenPassword } from './ForgottenPassword.tsx';
import { SignInForm } from './SignInForm.tsx';

/** Where somebody says who he is; afterwards he is where he wanted to go. */
export default function SignIn() {
  const { session } = useSession();
  const { state } = useLocation() as { state: { from?: string } | null };
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => get<{ done: boolean }>('/setup') });
  if (session !== null && session !== undefined) return <Navigate to={wayBack(state?.from)} replace />;
  if (setup.data?.done === false) return <Navigate to="/setup" replace />;
  if (session === undefined && setup.error === null) {
    return (
      <Center h="100vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  return (
    <Entrance
      title="Sign in"
      width={400}
      foot={
        <>
          Only want to know whether a certificate would be taken?{' '}
          <Anchor component={Link} to="/preflight" inherit underline="always">
            Check it here
          </Anchor>{' '}
          without signing in.
        </>
      }
    >
      <Ended />
      <SignInForm />
      <ForgottenPassword />
    </Entrance>
  );
}

/** Only a page of our own. */
const wayBack = (from: string | undefined): string => (from !== undefined && /^\/(?!\/)/.test(from) ? from : '/');
