import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import type {
  madeTokenSchema,
  newTokenSchema,
  newUserSchema,
  tokenSchema,
  userChangeSchema,
  userSchema,
} from '../../../src/http/contract/access.ts';
import { get, post, request, type RequestFailed } from '../api/request.ts';

export type User = z.output<typeof userSchema>;
export type Token = z.output<typeof tokenSchema>;
export type MadeToken = z.output<typeof madeTokenSchema>;

export const useUsers = (enabled: boolean) =>
  useQuery<User[], RequestFailed>({ queryKey: ['users'], queryFn: () => get<User[]>('/users'), enabled });
export const useTokens = () =>
  useQuery<Token[], RequestFailed>({ queryKey: ['tokens'], queryFn: () => get<Token[]>('/tokens') });

/** What can be done to users and to one's own tokens; the lists are read again afterwards. */
export function useAccessActions() {
  const client = useQueryClient();
  const then = async <T>(key: string, done: Promise<T>): Promise<T> => {
    try {
      return await done;
    } finally {
      // Also where it was refused: somebody else may have changed it.
      void client.invalidateQueries({ queryKey: [key] });
    }
  };
  return {
    createUser: (user: z.input<typeof newUserSchema>) => then('users', post<User>('/users', user)),
    changeUser: ({ id, version }: User, body: z.input<typeof userChangeSchema>) =>
      then('users', request<User>('PATCH', `/users/${id}`, { version, body })),
    createToken: (token: z.input<typeof newTokenSchema>) => then('tokens', post<MadeToken>('/tokens', token)),
    revokeToken: ({ id }: Token) => then('tokens', request('DELETE', `/tokens/${id}`)),
  };
}
