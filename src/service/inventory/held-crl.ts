import type { Selectable } from 'kysely';
import type { Schema } from '../../platform/store/schema.ts';
import { spoken } from './fingerprint.ts';

/** A CRL that is held; times in milliseconds. */
export interface HeldCrl {
  readonly id: string;
  readonly issuer: string;
  /** Where it was fetched from; null: uploaded. */
  readonly url: string | null;
  /** Decimal. */
  readonly number: string | null;
  readonly thisUpdate: number;
  readonly nextUpdate: number | null;
  readonly obtainedAt: number;
  /** `due`: less than a tenth of its time is left, and none of its successors came. */
  readonly freshness: 'current' | 'due' | 'expired' | 'without-end';
  /** Bytes. */
  readonly size: number;
  /** SHA-256, `AB:CD:…`. */
  readonly fingerprint: string;
  /** The next one of its issuer may be older. */
  readonly olderAllowed: boolean;
}

/** Of the database, the list itself left there. */
export type CrlRow = Omit<Selectable<Schema['crls']>, 'der'> & { readonly size: number };

export function toHeld(row: CrlRow, now: number): HeldCrl {
  return {
    id: row.id,
    issuer: row.issuer,
    url: row.url,
    number: row.crl_number,
    thisUpdate: row.this_update,
    nextUpdate: row.next_update,
    obtainedAt: row.obtained_at,
    freshness: freshnessOf(row, now),
    size: row.size,
    fingerprint: spoken(row.fingerprint),
    olderAllowed: row.older_allowed_at !== null,
  };
}

function freshnessOf({ this_update, next_update }: CrlRow, now: number): HeldCrl['freshness'] {
  if (next_update === null) return 'without-end';
  if (next_update < now) return 'expired';
  return next_update - now < (next_update - this_update) / 10 ? 'due' : 'current';
}
