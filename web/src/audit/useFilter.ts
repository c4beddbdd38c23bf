import { useEffect, useState } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import { type AuditFilter, filterIn } from './api.ts';

/**
 * The filter, also in the address so that it can be linked to. The address follows, since it changes too slowly for
 * whoever changes two things at once; where somebody else changes it (a link), it leads.
 */
export function useFilter(): [AuditFilter, (update: (filter: AuditFilter) => AuditFilter) => void] {
  const [params, setParams] = useSearchParams();
  const { key, state } = useLocation() as { key: string; state: { ofFilter?: true } | null };
  const [filter, setFilter] = useState(() => filterIn(params));
  useEffect(() => {
    if (state?.ofFilter !== true) setFilter(filterIn(params));
    // Once for each navigation.
  }, [key]);
  useEffect(() => {
    const wanted = new URLSearchParams({ ...filter });
    if (wanted.toString() === new URLSearchParams({ ...filterIn(params) }).toString()) return;
    setParams(wanted, { replace: true, state: { ofFilter: true } });
    // Only where the filter has changed.
  }, [filter]);
  return [filter, setFilter];
}
