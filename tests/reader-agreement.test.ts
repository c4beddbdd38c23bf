import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { certificatesOf, type Sample } from './reader-agreement/certificates.ts';
import { type Exception, EXCEPTIONS } from './reader-agreement/exceptions.data.ts';
import { type Field, FIELDS, node, openssl, ours, type Reading } from './reader-agreement/readers.ts';

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

async function compare({ name, der }: Sample): Promise<void> {
  const mine = ours(der);
  const nodes = mine && node(der);
  const opensslReading = nodes && (await openssl(der));
  if (mine === undefined || nodes === undefined || opensslReading === undefined) return;
  readByAll += 1;
  for (const field of FIELDS) {
    const [a, b, c] = [mine, nodes, opensslReading].map((reading: Reading) => reading[field]);
    // Not every reader counts the bits of every kind of key; a size that two name must still be the same.
    const sizes = new Set([a, b, c].filter((value) => value !== undefined));
    if (field === 'keyBits' ? sizes.size > 1 : !(Object.is(a, b) && Object.is(a, c))) {
      disagreements.push({
        certificate: name,
        sha256: sha256(der),
        field,
        values: `ours ${a} | node ${b} | openssl ${c}`,
      });
    }
  }
}

describe('our reader, node:crypto and openssl x509', () => {
  let samples: Sample[] = [];

  beforeAll(async () => {
    samples = distinct([...certificatesOf(DEBIAN, 'ca-certificates.crt'), ...certificatesOf(cases, 'cases')]);
    const queue = samples.values();
    await Promise.all(
      [1, 2, 3].map(async () => {
        for (const sample of queue) await compare(sample);
      }),
    );
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
