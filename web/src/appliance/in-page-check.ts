import { useEffect, useState } from 'react';
import { Certificate } from '../../../src/core/x509/certificate.ts';
import type { NamedFile } from '../check/request.ts';
import { fleetFor, serverCrlsFor } from '../check/server-crls.ts';
import { type PageCheck, usePageCheck } from '../check/usePageCheck.ts';
import { useTrustBundle } from '../check/useTrustBundle.ts';
import { type Appliance, usePendingKeys } from './appliance-data.ts';
import type { Draft } from './draft.ts';
import { sha256Hex } from './sha256.ts';

/** The check, by this appliance's own settings. */
export function useCheck(appliance: Appliance, draft: Draft, keyOnServer: boolean): PageCheck {
  const { files, fields, recognised } = draft;
  const { hostname, role, profile, validation } = appliance;
  const { data: trust } = useTrustBundle();
  // Only the server knows the passphrase of before: the page judges everything but the key.
  const blind = fields.keepPassphrase && recognised.encrypted;
  return usePageCheck({
    files: blind ? withoutKey(draft) : files,
    ...(!blind && fields.passphrase !== '' && { passphrase: fields.passphrase }),
    profile: validation === 'mandatory' ? profile : withoutValidation(profile),
    hostname,
    role,
    crl: fields.crl ? 'on' : 'off',
    upload: !blind && !keyOnServer,
    crlsFor: serverCrlsFor,
    fleetFor: fleetFor(appliance.id),
    ...(trust !== undefined && { trust }),
    ...(fields.name.trim() !== '' && { name: fields.name.trim() }),
  });
}

function withoutKey({ recognised: { bundle, names } }: Draft): readonly NamedFile[] {
  const part = (as: 'crt' | 'chain'): NamedFile[] =>
    bundle[as] === undefined ? [] : [{ name: names[as] ?? as, bytes: bundle[as], as }];
  return [...part('crt'), ...part('chain')];
}

const LOWERED_WITHOUT_VALIDATION = ['trust-path', 'revocation-status', 'crl-reachable', 'crl-current'] as const;

/** As the server judges where validation is `none`: trust and revocation are shown, and refuse nothing. */
const withoutValidation = (profile: string) => ({
  id: `${profile}-without-validation`,
  version: 1,
  title: `${profile}, validation none`,
  extends: profile,
  rules: Object.fromEntries(LOWERED_WITHOUT_VALIDATION.map((rule) => [rule, { severity: 'warning' as const }])),
});

/** The certificate that is to be used, and what its key is known by. */
export interface Leaf {
  readonly der: Uint8Array;
  /** SHA-256 of its SubjectPublicKeyInfo. */
  readonly spkiFingerprint: string;
}

export function useLeaf(der: Uint8Array | undefined): Leaf | undefined {
  const [leaf, setLeaf] = useState<Leaf>();
  useEffect(() => {
    let current = true;
    const take = (found: Leaf): void => void (current && setLeaf(found));
    // What cannot be read is the report's business.
    if (der !== undefined) leafOf(der).then(take, () => undefined);
    return () => void (current = false);
  }, [der]);
  return leaf?.der === der ? leaf : undefined;
}

async function leafOf(der: Uint8Array): Promise<Leaf> {
  const spki = Certificate.parse(der).subjectPublicKeyInfo.element.der();
  return { der, spkiFingerprint: await sha256Hex(spki) };
}

/** Whether the certificate is for a key that the server made for this appliance. */
export function useKeyOnServer(applianceId: string, leaf: Leaf | undefined): boolean {
  const pending = usePendingKeys(applianceId);
  return pending.data?.some((key) => key.spkiFingerprint === leaf?.spkiFingerprint) ?? false;
}
