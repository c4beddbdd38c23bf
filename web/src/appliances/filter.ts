import { type FleetRow, isStanding, type StandingState } from '../api/fleet.ts';

export const SORTS = ['name', 'state', 'site', 'role', 'notAfter', 'activatedAt'] as const;
export type Sort = (typeof SORTS)[number];

/** What the list shows, in which order; what is not named here is not filtered. */
export interface Filter {
  readonly q?: string;
  readonly states: readonly StandingState[];
  readonly role?: FleetRow['role'];
  /** Empty: those without a site. */
  readonly site?: string;
  readonly zone?: string;
  /** ISO 8601, a day or an instant. */
  readonly expiresBefore?: string;
  readonly sort: Sort;
  readonly descending: boolean;
}

export const NO_FILTER: Filter = { states: [], sort: 'name', descending: false };

/** What is to be different; undefined takes away. */
export type Change = { readonly [Name in keyof Filter]?: Filter[Name] | undefined };

export function withChange(filter: Filter, change: Change): Filter {
  const entries = Object.entries({ ...filter, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as unknown as Filter;
}

/** Out of the address; what makes no sense there is as good as not there. */
export function filterOf(params: URLSearchParams): Filter {
  const q = params.get('q')?.trim();
  const role = params.get('role');
  const site = params.get('site');
  const zone = params.get('zone');
  const before = params.get('expiresBefore');
  const sort = SORTS.find((sort) => sort === params.get('sort'));
  return {
    states: (params.get('state') ?? '').split(',').filter(isStanding),
    sort: sort ?? 'name',
    descending: params.get('direction') === 'desc',
    ...(q && { q }),
    ...((role === 'sensor' || role === 'ha') && { role }),
    ...(site !== null && { site }),
    ...(zone !== null && { zone }),
    ...(before !== null && !Number.isNaN(Date.parse(before)) && { expiresBefore: before }),
  };
}

/** Into the address: the same filter is the same address, and what is as usual does not stand there. */
export function paramsOf(filter: Filter): URLSearchParams {
  const { q, states, role, site, zone, expiresBefore, sort, descending } = filter;
  return new URLSearchParams({
    ...(q !== undefined && q !== '' && { q }),
    ...(states.length > 0 && { state: states.join(',') }),
    ...(role !== undefined && { role }),
    ...(site !== undefined && { site }),
    ...(zone !== undefined && { zone }),
    ...(expiresBefore !== undefined && { expiresBefore }),
    ...(sort !== 'name' && { sort }),
    ...(descending && { direction: 'desc' }),
  });
}

/** Into a request: a day is its first moment in the user's zone. */
export function requestOf(filter: Filter): string {
  const params = paramsOf(filter);
  const { expiresBefore } = filter;
  if (expiresBefore !== undefined) params.set('expiresBefore', instantOf(expiresBefore).toISOString());
  return params.toString();
}

/** `2026-12-01` is midnight here, not in Greenwich. */
export const instantOf = (text: string): Date => new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text);

/** `2026-12-01`, for a date field. */
export function dayOf(text: string): string {
  const date = instantOf(text);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Whether anything is left out. */
export const isFiltered = (filter: Filter): boolean => requestOf({ ...filter, sort: 'name', descending: false }) !== '';
