import type { Report } from '../src/core/base/finding.ts';
import type { Crypto } from '../src/core/base/ports.ts';
import { createBundleChecker } from '../src/core/check/check-bundle.ts';
import { bytesOf, type Case, type CaseSection } from './case.ts';

/** Judges a case's files under its circumstances, as the command line and the library do. */
export async function judgeCase({ files, options }: Case, crypto: Crypto, name: string): Promise<Report> {
  const all = (section: CaseSection) => files.filter((file) => file.section === section).map(bytesOf);
  const [crt] = all('crt');
  if (crt === undefined) throw new Error(`${name} has no crt`);
  const { passphrase, ...rest } = options;
  const trust = all('trust');
  const crls = all('crl-file');
  const check = createBundleChecker(
    { ...rest, ...(trust.length > 0 && { trust }), ...(crls.length > 0 && { crls }) },
    crypto,
  );
  return check({ crt, key: all('key')[0], chain: all('chain')[0], passphrase }, name);
}
