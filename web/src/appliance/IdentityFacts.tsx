import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { visible } from '../../../src/core/base/visible.ts';
import { Command } from '../parts/Command.tsx';
import { Moment } from '../parts/Moment.tsx';
import type { Identity } from './appliance-data.ts';
import classes from './appliance.module.css';

const ORIGINS: Readonly<Record<Identity['origin'], string>> = {
  'self-signed': 'made by Certgate, self-signed',
  upload: 'uploaded with its key',
  generated: 'the key was made on this server and never travelled',
};

/** A certificate's particulars, the ones that people compare. */
export function IdentityFacts({ identity, issuer }: { identity: Identity; issuer?: string | undefined }) {
  const { name, subject, notBefore, notAfter, activatedAt, fingerprint, origin, verdict, reason, crl } = identity;
  const facts: readonly (readonly [string, ReactNode] | false)[] = [
    ['Certificate name', <strong key="name">{visible(name)}</strong>],
    ['Issued to', visible(subject)],
    issuer !== undefined && ['Issued by', visible(issuer)],
    activatedAt !== null && ['Served since', <Moment key="since" at={activatedAt} />],
    [
      'Valid',
      <span key="valid">
        <Moment at={notBefore} show="date" /> to <Moment at={notAfter} show="date" /> (ends{' '}
        <Moment at={notAfter} show="relative" />)
      </span>,
    ],
    ['Key', ORIGINS[origin]],
    ['Checked against a CRL', crl === 'on' ? 'yes' : 'no'],
    verdict === 'unsupported' && ['Let in although unsupported', reason ?? 'no reason was kept'],
    ['Fingerprint', <Command key="fingerprint" text={colons(fingerprint)} label="Copy the fingerprint" />],
  ];
  return (
    <dl className={classes['facts']}>
      {facts
        .filter((fact) => fact !== false)
        .map(([label, value]) => (
          <Fact key={label} label={label}>
            {value}
          </Fact>
        ))}
    </dl>
  );
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** As browsers and openssl show it: `AB:CD:…`. */
export const colons = (hex: string): string =>
  hex.includes(':') ? hex : hex.toUpperCase().replaceAll(/..(?=.)/g, '$&:');

export const Fingerprint = ({ hex }: { hex: string }) => (
  <Text ff="monospace" size="xs" span style={{ overflowWrap: 'anywhere' }}>
    {colons(hex)}
  </Text>
);
