import { useQueryClient } from '@tanstack/react-query';
import { post, request } from '../api/request.ts';
import type { Partner } from '../channels/api.ts';

export type PartnerInput = Omit<Partner, 'id' | 'createdAt' | 'updatedAt' | 'version'>;

export const NEW_PARTNER: PartnerInput = {
  name: '',
  host: '',
  port: 6514,
  validation: 'mandatory',
  crl: 'off',
  serverName: null,
  fingerprints: [],
  clientApplianceId: null,
};

/** What can be done to partners; the list is read again afterwards. */
export function usePartnerActions() {
  const client = useQueryClient();
  const then = async <T>(done: Promise<T>): Promise<T> => {
    try {
      return await done;
    } finally {
      void client.invalidateQueries({ queryKey: ['partners'] });
    }
  };
  return {
    create: (body: PartnerInput) => then(post<Partner>('/partners', body)),
    change: ({ id, version }: Partner, body: PartnerInput) =>
      then(request<Partner>('PATCH', `/partners/${id}`, { version, body })),
    remove: ({ id, version }: Partner) => then(request('DELETE', `/partners/${id}`, { version })),
  };
}
