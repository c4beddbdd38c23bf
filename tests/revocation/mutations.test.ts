import { expect, test } from 'vitest';
import { DerError } from '../../src/core/der/errors.ts';
import { checkRevocation } from '../../src/core/revocation/check-revocation.ts';
import { judgeCrl } from '../../src/core/revocation/judge-crl.ts';
import { type OpenCrl, openCrl } from '../../src/core/revocation/open-crl.ts';
import { Certificate } from '../../src/core/x509/certificate.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import {
  AT,
  authority,
  certificateIssuer,
  crlDer,
  distributionPoints,
  extension,
  leaf,
  reason,
  trustIn,
  uri,
} from './lab.ts';

const ca = authority('CA');
const points = distributionPoints({ names: [uri('http://crl.lab/1.crl')], reasons: 0b110 }, { crlIssuer: 'CA' });
const certificate = leaf(ca, 5n, [points]);
const complete = crlDer(ca, {
  number: 3n,
  scope: { indirect: true, names: [uri('http://crl.lab/1.crl')] },
  revoked: [1n, { serial: 5n, extensions: [certificateIssuer('CA'), reason(6)] }],
  extensions: [extension('1.2.3.4', false, Uint8Array.of(5, 0))],
});
const delta = crlDer(ca, {
  number: 4n,
  base: 3n,
  scope: { indirect: true },
  revoked: [{ serial: 5n, extensions: [reason(8)] }],
});

/** Every one-byte change that a bit flip or an extreme value makes. */
function* mutants(der: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < der.length; at++) {
    for (const value of [der[at]! ^ 1, der[at]! ^ 0x20, der[at]! ^ 0x80, 0, 0xff]) {
      const copy = new Uint8Array(der);
      copy[at] = value;
      yield copy;
    }
  }
}

function opened(der: Uint8Array): OpenCrl | undefined {
  try {
    return openCrl(der);
  } catch (error) {
    expect(error).toBeInstanceOf(DerError);
    return undefined;
  }
}

/** Signatures are believed, so that what is behind them is reached. */
const believing = { ...trustIn([ca]), verifySignature: () => true };
const ask = (question: { certificate?: Certificate; crls: readonly OpenCrl[] }) =>
  checkRevocation({ certificate, issuer: ca.certificate, at: AT, trust: believing, ...question });

test('no change of one byte of a CRL makes anything throw but the reader’s own error', () => {
  let usable = 0;
  const base = openCrl(complete);
  for (const [der, beside] of [
    [complete, []],
    [delta, [base]],
  ] as const) {
    for (const mutant of mutants(der)) {
      const crl = opened(mutant);
      if (crl === undefined) continue;
      usable++;
      expect(['good', 'revoked', 'undetermined']).toContain(ask({ crls: [crl, ...beside] }).status);
      judgeCrl(crl, { issuers: [ca.certificate.subject], signers: [], at: AT, crypto: nodeCrypto });
    }
  }
  expect(usable).toBeGreaterThan(500);
});

test('nor of a certificate', () => {
  const crls = [openCrl(complete), openCrl(delta)];
  for (const mutant of mutants(certificate.der)) {
    let changed: Certificate;
    try {
      changed = Certificate.parse(mutant);
    } catch {
      continue;
    }
    for (const some of [crls, []]) ask({ certificate: changed, crls: some });
  }
});
