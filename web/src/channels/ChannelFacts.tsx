import type { ReactNode } from 'react';
import { count } from '../parts/count.ts';
import { Moment } from '../parts/Moment.tsx';
import rows from '../parts/rows.module.css';
import type { Channel, ChannelState } from './api.ts';
import { bytesInWords } from './words.ts';

const SOON_DAYS = 30;

/** What a channel counts, and how long its certificate and lists last. */
export function ChannelFacts({ channel, state }: { channel: Channel; state: ChannelState }) {
  const { listening, target, certificate, connections, bytesIn, bytesOut, handshakes, crls } = state;
  if (state.condition === 'disabled' || state.condition === 'no-process') {
    return (
      <dl className={rows['facts']}>
        <Fact name="Is to listen at">{placeOf(channel.listen)}</Fact>
        {channel.target !== null && <Fact name="Is to lead to">{placeOf(channel.target)}</Fact>}
      </dl>
    );
  }
  const refused = handshakes.refused.reduce((sum, { count }) => sum + count, 0);
  const oldest = crls.toSorted((a, b) => a.thisUpdate.localeCompare(b.thisUpdate))[0];
  const stale = crls.filter(({ current }) => !current);
  return (
    <dl className={rows['facts']}>
      <Fact name="Listens at">{listening === null ? 'not listening' : placeOf(listening)}</Fact>
      {target !== null && <Fact name="Leads to">{placeOf(target)}</Fact>}
      <Fact name="Connections now">
        {connections} · {bytesInWords(bytesIn)} in, {bytesInWords(bytesOut)} out
      </Fact>
      <Fact name="Handshakes">
        {handshakes.accepted} accepted,{' '}
        <span style={refused > 0 ? { color: 'var(--bad-text)', fontWeight: 600 } : undefined}>{refused} refused</span>
      </Fact>
      {certificate !== null && (
        <Fact name="Its certificate ends" bad={certificate.daysLeft < 0} warn={certificate.daysLeft < SOON_DAYS}>
          <Moment at={certificate.notAfter} show="date" /> (<Moment at={certificate.notAfter} show="relative" />)
        </Fact>
      )}
      {channel.crl === 'on' && (
        <Fact name="Revocation lists" bad={stale.length > 0 || crls.length === 0}>
          {oldest === undefined ? (
            'none held'
          ) : (
            <>
              {stale.length > 0 ? `${stale.length} of ${crls.length} out of date` : `${count(crls.length, 'list')}`},
              made <Moment at={oldest.thisUpdate} show="relative" />
            </>
          )}
        </Fact>
      )}
      {channel.crl === 'off' && <Fact name="Revocation lists">not asked (CRL is off)</Fact>}
    </dl>
  );
}

interface FactProps {
  readonly name: string;
  readonly bad?: boolean;
  readonly warn?: boolean;
  readonly children: ReactNode;
}

function Fact({ name, bad = false, warn = false, children }: FactProps) {
  const color = bad ? 'var(--bad-text)' : warn ? 'var(--warn-text)' : undefined;
  return (
    <div>
      <dt>{name}</dt>
      <dd style={color === undefined ? undefined : { color, fontWeight: 600 }}>{children}</dd>
    </div>
  );
}

const placeOf = ({ host, port }: { host: string; port: number }): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port === 0 ? 'any' : port}`;
