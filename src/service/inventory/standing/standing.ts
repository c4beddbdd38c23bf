/** What an appliance's certificate can be worth; the worst first. */
export const STATES = [
  'revoked',
  'expired',
  'untrusted',
  'stale-crl',
  'not-yet-valid',
  'no-certificate',
  'expiring',
  'unsupported',
  'ready',
] as const;
export type State = (typeof STATES)[number];

/** States in which no other component can trust it; under mandatory validation traffic halts. */
const HALTS: ReadonlySet<State> = new Set(['revoked', 'expired', 'untrusted', 'stale-crl', 'not-yet-valid']);

export const halts = (state: State): boolean => HALTS.has(state);

/** What a certificate is worth now. Times in milliseconds. */
export interface Standing {
  readonly state: State;
  /** Validation is mandatory, and encrypted traffic halts. */
  readonly blocks: boolean;
  /** Since when, as certificates and CRLs tell, or as it was noticed; null: not known. */
  readonly since: number | null;
  /** When it has to be judged again, unless anchors, CRLs or the identity change before; null: never by itself. */
  readonly until: number | null;
  readonly rule: string | null;
  /** One sentence; null where nothing is the matter. */
  readonly message: string | null;
  readonly fix: string | null;
  /** The anchor that its path leads to. */
  readonly anchorId: string | null;
}

export const isAbout = (a: Standing, b: Standing): boolean =>
  a.state === b.state && a.blocks === b.blocks && a.message === b.message;
