import type { z } from 'zod';
import type { applianceStandingSchema } from '../../../src/http/contract/fleet.ts';

/** Who signed whom, wherever that is known from: the check in the page, or the server's standing of an appliance. */
export interface ChainPictureData {
  /** The leaf first. */
  readonly certificates: readonly ChainCertificate[];
  /** Between each certificate and the next: one less than `certificates`. */
  readonly links: readonly ChainLink[];
  /** The issuer that nobody has, above the last certificate. */
  readonly missing?: { readonly name: string; readonly why: string };
  /** `anchors`: ends in a configured anchor; `own-chain`: in the root that the files bring; `none`: in nothing. */
  readonly trust: 'anchors' | 'own-chain' | 'none';
  /** Certificates that came along and belong to no link. */
  readonly beside: readonly ChainCertificate[];
}

export interface ChainCertificate {
  readonly role: 'leaf' | 'intermediate' | 'root';
  /** It is one of the configured trust anchors. */
  readonly anchor: boolean;
  /** The CN, or what comes nearest. */
  readonly title: string;
  readonly subject: string;
  readonly issuer: string;
  /** Hex. */
  readonly serial: string;
  /** SHA-256, hex. */
  readonly fingerprint: string;
  /** ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** `crt` or `chain`: the file it came in. */
  readonly file?: string;
  /** Sentences: what speaks against it. */
  readonly problems: readonly string[];
  readonly revocation?: 'good' | 'revoked' | 'unknown' | 'off' | 'not-asked';
}

export interface ChainLink {
  readonly state: 'verified' | 'broken' | 'unknown';
  /** Why it is not verified: one sentence. */
  readonly why?: string;
}

/** The picture of what an appliance serves, as `GET /appliances/:id/standing` has it. */
export function chainOfStanding(standing: z.output<typeof applianceStandingSchema>): ChainPictureData | undefined {
  const { path, anchored, valid } = standing;
  if (path.length === 0) return undefined;
  const certificates = path.map(
    ({
      role,
      cn,
      subject,
      issuer,
      serial,
      fingerprint,
      notBefore,
      notAfter,
      problems,
      revocation,
    }): ChainCertificate => ({
      role: role === 'anchor' || (role === 'intermediate' && subject === issuer) ? 'root' : role,
      anchor: role === 'anchor',
      title: cn,
      subject,
      issuer,
      serial,
      fingerprint,
      notBefore,
      notAfter,
      problems,
      revocation,
    }),
  );
  const last = certificates.at(-1)!;
  const isOpen = !anchored && last.subject !== last.issuer;
  return {
    certificates,
    links: certificates.slice(1).map(() => ({ state: valid || anchored ? 'verified' : 'unknown' })),
    trust: anchored ? 'anchors' : 'none',
    beside: [],
    ...(isOpen && {
      missing: { name: last.issuer, why: `Nobody here has the certificate that issued "${last.title}".` },
    }),
  };
}
