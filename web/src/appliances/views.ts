import { useState } from 'react';
import { useSession } from '../api/session.ts';
import { BAD_STANDINGS } from '../api/fleet.ts';

/** A filter with a name. */
export interface View {
  readonly name: string;
  /** As it stands in the address. */
  readonly params: string;
}

/** Everybody has these. */
export const BUILT_IN: readonly View[] = [
  { name: 'All appliances', params: '' },
  { name: 'Needs you now', params: new URLSearchParams({ state: BAD_STANDINGS.join(','), sort: 'state' }).toString() },
  { name: 'Next to end', params: 'sort=notAfter' },
  { name: 'Without a certificate', params: 'state=no-certificate' },
];

/** The user's own views, kept in this browser. */
export function useViews() {
  const { session } = useSession();
  const key = `certgate.views.${session?.user.id ?? ''}`;
  const [views, setViews] = useState<readonly View[]>(() => read(key));
  const keep = (next: readonly View[]): void => {
    setViews(next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // Full or forbidden: the views last as long as the page.
    }
  };
  return {
    views,
    /** Under a name that exists, the old one is replaced. */
    save: (view: View): void =>
      keep([...views.filter(({ name }) => name !== view.name), view].sort((a, b) => a.name.localeCompare(b.name))),
    rename: (from: string, to: string): void =>
      keep(
        views
          .filter(({ name }) => name !== to || name === from)
          .map((view) => (view.name === from ? { ...view, name: to } : view)),
      ),
    remove: (name: string): void => keep(views.filter((view) => view.name !== name)),
  };
}

function read(key: string): View[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isView) : [];
  } catch {
    return [];
  }
}

const isView = (value: unknown): value is View => {
  const { name, params } = (value ?? {}) as Record<string, unknown>;
  return typeof name === 'string' && typeof params === 'string';
};
