import type { z } from 'zod';
import type { FleetRow, fleetSchema, placesSchema, StandingState } from '../../../src/http/contract/fleet.ts';

export type { FleetRow, StandingState };
export type Fleet = z.output<typeof fleetSchema>;
export type Places = z.output<typeof placesSchema>;

const ORDER: Readonly<Record<StandingState, number>> = {
  revoked: 0,
  expired: 1,
  untrusted: 2,
  'stale-crl': 3,
  'not-yet-valid': 4,
  'no-certificate': 5,
  expiring: 6,
  unsupported: 7,
  ready: 8,
};

/** Every state, the worst first. */
export const STANDINGS: readonly StandingState[] = (Object.keys(ORDER) as StandingState[]).sort(
  (a, b) => ORDER[a] - ORDER[b],
);
export const isStanding = (text: string): text is StandingState => Object.hasOwn(ORDER, text);

/** States in which nobody may rely on the connection. */
export const BAD_STANDINGS: readonly StandingState[] = [
  'revoked',
  'expired',
  'untrusted',
  'stale-crl',
  'not-yet-valid',
];

/** The list of appliances, filtered. */
export const listOf = (filter: Readonly<Record<string, string>>): string =>
  `/appliances?${new URLSearchParams(filter)}`;
