import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import type { sessionSchema } from '../../../src/http/contract/access.ts';
import { type Ending, markEnding, markSignedIn } from './ending.ts';
import { get, keepCsrfToken, post, request, RequestFailed } from './request.ts';

export type Session = z.output<typeof sessionSchema>;
export type Role = Session['user']['role'];

export const ROLE_NAMES: Readonly<Record<Role, string>> = {
  admin: 'Admin',
  analyst: 'Security analyst',
  reader: 'Read only',
};

export const SESSION = ['session'] as const;

/** Asked for before the first page is even loaded: on a slow link each question that waits for another costs seconds. */
export const SESSION_QUERY = { queryKey: SESSION, queryFn: () => readSession() };

/** Who is signed in: null for nobody, undefined while we ask. */
export function useSession(): { session: Session | null | undefined; error: RequestFailed | null } {
  const { data, error } = useQuery<Session | null, RequestFailed>(SESSION_QUERY);
  return { session: data, error };
}

async function readSession(): Promise<Session | null> {
  try {
    return kept(await get<Session>('/session'));
  } catch (error) {
    if (error instanceof RequestFailed && (error.code === 'not-signed-in' || error.code === 'setup-needed'))
      return null;
    throw error;
  }
}

/** Whether whoever is signed in may do something (`trust:write`); the server decides anyway. */
export function useMay(): (permission: string) => boolean {
  const { session } = useSession();
  return (permission) => session?.permissions?.includes(permission) ?? false;
}

/** Signs in, out, or makes the first administrator, and lets the whole page know. */
export function useSigning() {
  const client = useQueryClient();
  const enter = async (session: Session): Promise<void> => {
    await client.cancelQueries();
    forgetTheRest(client);
    client.setQueryData(SESSION, kept(session));
  };
  const leave = (ending: Ending): void => {
    markEnding(ending);
    forgetTheRest(client);
    client.setQueryData(SESSION, null);
  };
  return {
    signIn: async (name: string, password: string) => enter(await post<Session>('/session', { name, password })),
    setUp: async (token: string, name: string, password: string) =>
      enter(await post<Session>('/setup', { token, name, password })),
    signOut: async () => {
      try {
        await request('DELETE', '/session');
      } catch (error) {
        // Whoever is out already is where he wanted to be.
        if (!(error instanceof RequestFailed && error.code === 'not-signed-in')) throw error;
      }
      leave('left');
    },
    /** The server ends every session of the user with it. */
    changePassword: async (current: string, password: string) => {
      await post('/session/password', { current, password });
      leave('new-password');
    },
  };
}

/** What one user has seen is not for the next. The session's own query stays: pages that follow it must hear of the change. */
const forgetTheRest = (client: QueryClient): void =>
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION[0] });

function kept(session: Session): Session {
  if (session.csrfToken !== undefined) keepCsrfToken(session.csrfToken);
  markSignedIn(session.expiresAt);
  return session;
}
