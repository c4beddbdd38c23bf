import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { certificatesOf, type Sample } from './reader-agreement/certificates.ts';
import { type Exception, EXCEPTIONS } from './reader-agreement/exceptions.data.ts';
import { asOpenssl, type Field, FIELDS, node, openssl, ours, type Reading } from './reader-agreement/readers.ts';

interface Disagreement {
  readonly certificate: string;
  readonly sha256: string;
  readonly field: Field;
  readonly values: string;
}

const DEBIAN = '/etc/ssl/certs/ca-certificates.crt';
const cases = fileURLToPath(new URL('../cases', import.meta.url));

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const explains = (exception: Exception, { certificate, sha256, field }: Disagreement): boolean =>
  exception.field === field && (exception.certificate === certificate || exception.certificate === sha256);

// The same certificate stands in many a bundle.
function distinct(samples: readonly Sample[]): Sample[] {
  const seen = new Set<string>();
  return samples.filter(({ der }) => {
    const digest = sha256(der);
    return !seen.has(digest) && seen.add(digest);
  });
}

const disagreements: Disagreement[] = [];
let readByAll = 0;

function compare(sample: Sample, other: string, [mine, theirs]: readonly [Reading, Reading]): void {
  for (const field of FIELDS) {
    // Not every reader counts the bits of every kind of key.
    if (field === 'keyBits' && (mine[field] === undefined || theirs[field] === undefined)) continue;
    if (Object.is(mine[field], theirs[field])) continue;
    const values = `ours ${mine[field]} | ${other} ${theirs[field]}`;
    disagreements.push({ certificate: sample.name, sha256: sha256(sample.der), field, values });
  }
}

describe('our reader, node:crypto and openssl x509', () => {
  let samples: Sample[] = [];

  beforeAll(() => {
    samples = distinct([...certificatesOf(DEBIAN, 'ca-certificates.crt'), ...certificatesOf(cases, 'cases')]);
    const readable = samples.flatMap((sample) => {
      const [mine, nodes] = [ours(sample.der), node(sample.der)];
      return mine && nodes ? [{ sample, mine, nodes }] : [];
    });
    readByAll = readable.length;
    const opensslReadings = openssl(readable.map(({ sample }) => sample.der));
    for (const [i, { sample, mine, nodes }] of readable.entries()) {
      compare(sample, 'node', [mine, nodes]);
      compare(sample, 'openssl', [asOpenssl(sample.der, mine), opensslReadings[i]!]);
    }
  }, 60_000);

  test('read the same certificates', () => {
    expect(samples.length).toBeGreaterThan(100);
    expect(readByAll).toBeGreaterThan(100);
  });

  test('agree on names, serial number, dates, alternative names and key size, but for what is explained', () => {
    const unexplained = disagreements.filter((found) => !EXCEPTIONS.some((exception) => explains(exception, found)));
    expect(unexplained).toEqual([]);
  });

  test('have no exception that is no disagreement any more', () => {
    // Another release of Debian's bundle may lack a certificate that is explained here.
    const present = new Set(samples.flatMap(({ name, der }) => [name, sha256(der)]));
    const stale = EXCEPTIONS.filter(
      (exception) =>
        (exception.certificate.startsWith('cases/') || present.has(exception.certificate)) &&
        !disagreements.some((found) => explains(exception, found)),
    );
    expect(stale).toEqual([]);
  });
});
