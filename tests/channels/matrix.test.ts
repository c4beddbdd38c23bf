import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { requires } from '../requires.ts';
import { Bench } from './bench.ts';
import { ConsoleField } from './matrix-console.ts';
import { MatrixCrls } from './matrix-crls.ts';
import { HaField } from './matrix-ha.ts';
import { PartnerField } from './matrix-partner.ts';

/**
 * Every kind of channel in every trouble, with the programs that people use at its ends and `certgate channel run` in
 * between. Console: curl and Chromium before it, HTTP behind it. HA: two processes, any bytes. Partner: rsyslog.
 */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const able = requires('curl', 'openssl', 'chromium', 'rsyslogd');

const bench = await Bench.make();
const other = await Bench.make('Other Lab');
const crls = new MatrixCrls(bench);
const web = new ConsoleField(bench, crls);
const ha = new HaField(bench, crls);
const siem = new PartnerField(bench, crls);

const KINDS = ['console', 'ha', 'partner'] as const;
type Cell = (() => Promise<void>) | { readonly none: string };
type Row = readonly [trouble: string, console: Cell, ha: Cell, partner: Cell];

const NO_CLIENT_CERTIFICATES: Cell = { none: 'browsers show no certificate; the console has its own sign-in' };

// prettier-ignore
const MATRIX: readonly Row[] = [
  //                                        console                         ha                               partner
  ['good',                                  web.good,                       ha.good,                         siem.good],
  ['expired in mid-connection',             web.expired,                    ha.expired,                      siem.expired],
  ['revoked in mid-connection',             web.revoked,                    ha.revoked,                      siem.revoked],
  ['CRL server down: held or not',          web.crlServerDown,              ha.crlServerDown,                siem.crlServerDown],
  ['anchor removed',                        () => web.anchorRemoved(other), () => ha.anchorRemoved(other),   () => siem.anchorRemoved(other)],
  ['wrong name',                            web.wrongName,                  ha.wrongName,                    siem.wrongName],
  ['no client certificate',                 NO_CLIENT_CERTIFICATES,         ha.noCertificate,                siem.noCertificate],
  ['TLS 1.0',                               web.tls10,                      ha.tls10,                        siem.tls10],
  ['garbage',                               () => web.stranger('garbage'),  () => ha.stranger('garbage'),    () => siem.stranger('garbage')],
  ['half-open: connects and says nothing',  () => web.stranger('halfOpen'), () => ha.stranger('halfOpen'),   () => siem.stranger('halfOpen')],
  ['slow: a byte of handshake at a time',   () => web.stranger('slow'),     () => ha.stranger('slow'),       () => siem.stranger('slow')],
];

/** What other files say about the same cells, nearer to the code or farther from this machine. */
const ELSEWHERE: readonly (readonly [trouble: string, kind: (typeof KINDS)[number], file: string, name: string])[] = [
  ['good', 'ha', 'namespaces', 'two machines carry data until the certificate of one is revoked'],
  ['good', 'ha', 'peers', 'a base backup and then its log stream through, until the certificate is revoked'],
  ['good', 'console', 'inventory', 'serves curl with the certificate of its appliance, as strict as that is set'],
  ['CRL server down: held or not', 'console', 'channel-process', 'a server that is down blocks nothing while they are'],
  ['CRL server down: held or not', 'ha', 'traps', 'stands for the hours of grace after the CRL ran out'],
  ['revoked in mid-connection', 'console', 'http-console', 'passes a WebSocket, and ends it when the certificate is'],
  ['no client certificate', 'partner', 'peers', 'that asks for a certificate is shown ours'],
  ['half-open: connects and says nothing', 'ha', 'traps', 'that ends in one direction goes on in the other'],
  ['slow: a byte of handshake at a time', 'ha', 'traps', 'loses nothing of a large download to a slow reader'],
];

describe.skipIf(!able)('every kind in every trouble', () => {
  beforeAll(async () => {
    await crls.start();
    await Promise.all([web.start(), ha.start(), siem.start()]);
  });
  afterAll(async () => {
    await Promise.all([web.stop(), ha.stop(), siem.stop()]);
    crls.stop();
  });

  describe.concurrent.each(KINDS.map((kind, index) => [kind, index] as const))('%s', (_kind, index) => {
    for (const [trouble, ...cells] of MATRIX) {
      const cell = cells[index]!;
      if (typeof cell === 'function') test(trouble, cell);
      else test.skip(`${trouble}: ${cell.none}`, () => undefined);
    }
  });
});

test('what is said to be proven elsewhere is', () => {
  for (const [trouble, , file, name] of ELSEWHERE) {
    expect(MATRIX.map(([row]) => row)).toContain(trouble);
    expect(readFileSync(new URL(`./${file}.test.ts`, import.meta.url), 'utf8')).toContain(name);
  }
});
