import { type RevokedEntry, signCrl } from '../certificate-fields.ts';
import {
  authorityKeyIdentifierExtension,
  crlDistributionPointsExtension,
  crlNumberExtension,
} from '../../encode/extension-fields.ts';
import { keyIdentifier } from '../key-identifier.ts';
import { spkiOf } from '../key.ts';
import { type SigningAlgorithm, signingAlgorithm } from '../sign.ts';
import type { Animal, Expectation } from './animal.ts';
import { type Ca, type Park, pem } from './park.ts';

// Nothing listens on the discard port: the connection is refused at once, and never leaves this machine.
const NOBODY = 'http://127.0.0.1:9';

interface CrlChanges {
  readonly revoked?: readonly RevokedEntry[];
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date;
  readonly algorithm?: SigningAlgorithm;
}

/** What CRLs do to a certificate that is otherwise in order. */
export function crlAnimals(park: Park, hugeEntries: number): Animal[] {
  const kit = new CrlKit(park);
  return [...revoked(kit, hugeEntries), ...bad(kit), ...without(kit)];
}

class CrlKit {
  readonly park: Park;
  readonly issuing: Ca;
  readonly serialNumber = 0x20n;
  readonly crt: string;
  readonly rootCrl: Uint8Array;

  constructor(park: Park) {
    this.park = park;
    this.issuing = park.ca({
      name: 'Contoso Issuing CA',
      key: park.keys.issuing,
      by: park.root,
      crlUrl: `${NOBODY}/root.crl`,
    });
    this.crt = pem(
      park.leaf({
        serialNumber: this.serialNumber,
        extensions: { crl: crlDistributionPointsExtension([`${NOBODY}/issuing.crl`]) },
      }),
    );
    this.rootCrl = this.crl(park.root);
  }

  crl(by: Ca, { revoked = [], thisUpdate, nextUpdate, algorithm }: CrlChanges = {}): Uint8Array {
    const { park } = this;
    return signCrl(
      {
        issuer: by.name,
        thisUpdate: thisUpdate ?? park.day(-1),
        nextUpdate: nextUpdate ?? park.day(365),
        revoked,
        extensions: [authorityKeyIdentifierExtension(keyIdentifier(spkiOf(by.key))), crlNumberExtension(7n)],
      },
      algorithm ?? signingAlgorithm(by.key),
    );
  }

  entry(serialNumber: bigint, reason?: number): RevokedEntry {
    return { serialNumber, revokedAt: this.park.day(-3), ...(reason !== undefined && { reason }) };
  }

  files(issuingCrl: Uint8Array, rootCrl = this.rootCrl): Animal['files'] {
    const chain = this.park.chain(this.issuing, this.park.root);
    return { ...this.park.bundle({ crt: this.crt, chain }), 'issuing.crl': issuingCrl, 'root.crl': rootCrl };
  }
}

const GIVEN = { crl: 'on', crlFiles: ['issuing.crl', 'root.crl'] } as const;
// CRLs that are given as files are not fetched, so nobody knows whether the appliance could.
const OFFLINE: readonly Expectation[] = ['not-checked crl-reachable'];

function revoked(kit: CrlKit, hugeEntries: number): Animal[] {
  const { park, issuing, serialNumber } = kit;
  const revoked = {
    rule: 'revocation-status',
    asking: GIVEN,
    verdict: 'refused',
    leads: 'refused revocation-status',
    also: OFFLINE,
  } as const;
  const crowd = Array.from({ length: hugeEntries - 1 }, (_, i) => kit.entry(0x10_0000n + BigInt(i)));
  crowd.splice(Math.floor(hugeEntries * 0.7), 0, kit.entry(serialNumber, 4));
  const ca = { serialNumber: issuing.serialNumber, revokedAt: park.day(-3), reason: 2 };
  return [
    {
      ...revoked,
      name: 'revocation-status-revoked',
      why: 'The CA revoked it three days ago, since its key became known (keyCompromise).',
      files: kit.files(kit.crl(issuing, { revoked: [kit.entry(serialNumber, 1)] })),
    },
    {
      ...revoked,
      name: 'revocation-status-on-hold',
      why: 'The CA has put it on hold (certificateHold): it may yet come back.',
      files: kit.files(kit.crl(issuing, { revoked: [kit.entry(serialNumber, 6)] })),
    },
    {
      ...revoked,
      name: 'revocation-status-ca-revoked',
      why: 'Not the certificate is revoked but the CA above it, and with it everything that it signed.',
      files: kit.files(kit.crl(issuing), kit.crl(park.root, { revoked: [ca] })),
    },
    {
      ...revoked,
      name: 'revocation-status-huge-crl',
      why: `A CRL of ${hugeEntries.toLocaleString('en-US')} entries, as big companies have them; the certificate is one of them.`,
      files: kit.files(kit.crl(issuing, { revoked: crowd })),
    },
  ];
}

function bad(kit: CrlKit): Animal[] {
  const { park, issuing } = kit;
  const animal = (name: string, why: string, changes: CrlChanges): Animal => ({
    name,
    why,
    rule: 'crl-current',
    files: kit.files(kit.crl(issuing, changes)),
    asking: GIVEN,
    verdict: 'refused',
    leads: 'refused crl-current',
    also: ['not-checked revocation-status', ...OFFLINE],
  });
  return [
    animal(
      'crl-current-stale',
      'The CRL should have been replaced a week ago: the CA, or the way to it, has stopped.',
      {
        thisUpdate: park.day(-14),
        nextUpdate: park.day(-7),
      },
    ),
    animal('crl-current-forged', 'The CRL bears the name of the CA, and another key signed it.', {
      algorithm: signingAlgorithm(park.keys.stranger),
    }),
    animal('crl-current-ahead', 'The CRL is dated tomorrow: a clock is wrong.', { thisUpdate: park.day(1) }),
  ];
}

function without(kit: CrlKit): Animal[] {
  const { park, issuing } = kit;
  const chain = park.chain(issuing, park.root);
  return [
    {
      name: 'crl-reachable',
      rule: 'crl-reachable',
      why: 'Nobody answers where the certificates say that their CRLs are.',
      files: park.bundle({ crt: kit.crt, chain }),
      asking: { crl: 'on' },
      verdict: 'refused',
      leads: 'refused crl-reachable',
      also: ['not-checked revocation-status', 'not-checked crl-current'],
    },
    {
      name: 'crt-crl-distribution-point-missing',
      rule: 'crt-crl-distribution-point',
      why: 'You validate against a CRL, and the certificate does not say where it is.',
      files: { ...park.bundle({ chain }), 'issuing.crl': kit.crl(issuing), 'root.crl': kit.rootCrl },
      asking: GIVEN,
      verdict: 'refused',
      leads: 'refused crt-crl-distribution-point',
      also: OFFLINE,
    },
    {
      name: 'crt-crl-distribution-point-https',
      rule: 'crt-crl-distribution-point',
      why: 'The CRL is only offered over https, which the appliance does not fetch.',
      files: {
        ...park.bundle({
          crt: pem(
            park.leaf({ extensions: { crl: crlDistributionPointsExtension(['https://crl.contoso.com/issuing.crl']) } }),
          ),
          chain,
        }),
        'issuing.crl': kit.crl(issuing),
        'root.crl': kit.rootCrl,
      },
      asking: GIVEN,
      verdict: 'refused',
      leads: 'refused crt-crl-distribution-point',
      also: OFFLINE,
    },
  ];
}
