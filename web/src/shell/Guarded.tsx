import { Center, Loader } from '@mantine/core';
import { Navigate, Outlet, useLocation } from 'react-router';
import { useQuery } from '@tanstack/react-query';
import { get } from '../api/request.ts';
import { useSession } from '../api/session.ts';
import { Entrance } from '../parts/Entrance.tsx';
import { Trouble } from '../parts/Trouble.tsx';

/** Nobody goes on without having signed in; and nobody can sign in before there is an administrator. */
export function Guarded() {
  const { session, error } = useSession();
  const { pathname, search } = useLocation();
  const setup = useQuery({
    queryKey: ['setup'],
    queryFn: () => get<{ done: boolean }>('/setup'),
    enabled: session === null,
  });
  // Who was signed in stays so while the server is away: what stands in a form is not lost.
  if (error !== null && session === undefined) {
    return (
      <Entrance title="Certgate does not answer" width={560}>
        <Trouble error={error} retry={() => location.reload()} />
      </Entrance>
    );
  }
  if (session === undefined || (session === null && setup.isPending)) {
    return (
      <Center h="100vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  if (session !== null) return <Outlet />;
  if (setup.data?.done === false) return <Navigate to="/setup" replace />;
  return <Navigate to="/sign-in" replace state={{ from: pathname + search }} />;
}
