import type { Crypto } from '../core/base/ports.ts';
import { DerError } from '../core/der/errors.ts';
import { toHex } from '../core/der/values.ts';
import type { Certificate } from '../core/x509/certificate.ts';
import { resolveSignature } from '../core/x509/signature-scheme.ts';
import { type Signed, signatureOctets } from '../core/x509/signed.ts';
import { basicConstraints } from '../core/x509/extensions/basic-constraints.ts';
import { shortName } from '../core/x509/describe/certificate.ts';
import type { Name } from '../core/x509/name.ts';
import type { InspectedBlock, InspectedFile, Relation } from './inspection.ts';

/** A thing among others: its block and how a sentence names it. */
interface Item {
  readonly block: InspectedBlock;
  readonly name: string;
}

/**
 * Which of the things in `files` belong together: certificates, requests and keys by their public key, certificates
 * and their issuers by name and signature. Empty where there is nothing to compare.
 */
export function relationsOf(files: readonly InspectedFile[], crypto: Crypto): Relation[] {
  const items = files.flatMap(({ path, blocks }) =>
    blocks.map((block): Item => ({ block, name: blocks.length === 1 ? path : `${path} (block ${block.index + 1})` })),
  );
  return [...keyRelations(items), ...issuerRelations(items, crypto), ...locked(items)];
}

const KINDS: Readonly<Record<string, string>> = {
  certificate: 'the certificate',
  'trusted-certificate': 'the certificate',
  csr: 'the request',
  'private-key': 'the private key',
  'encrypted-private-key': 'the private key',
  'public-key': 'the public key',
};

const named = ({ block, name }: Item): string => `${KINDS[block.kind]} ${name}`;

function keyRelations(items: readonly Item[]): Relation[] {
  const withKey = items.filter(({ block }) => block.spki !== undefined);
  const groups = new Map<string, Item[]>();
  for (const item of withKey) {
    const key = toHex(item.block.spki!);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  const relations: Relation[] = [];
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    const names = group.map(named);
    relations.push({
      answer: 'yes',
      sentence: upperFirst(
        `${names.slice(0, -1).join(', ')} and ${names.at(-1)} have the same public key: they belong together.`,
      ),
    });
  }
  // A key or request that matches nothing is worth a word; a CA certificate without its key is as it should be.
  for (const item of withKey) {
    const { kind, spki } = item.block;
    if (kind === 'certificate' || kind === 'trusted-certificate') continue;
    const candidates = withKey.filter((other) => other !== item);
    const ends = candidates.filter(({ block }) => block.certificate === undefined || !isCa(block.certificate));
    const certificates = ends.filter(({ block }) => block.certificate !== undefined);
    // What belongs to those certificates need not be named once more.
    const others = certificates.length > 0 ? certificates : ends.length > 0 ? ends : candidates;
    if (others.length === 0 || groups.get(toHex(spki!))!.length > 1) continue;
    relations.push({
      answer: 'no',
      sentence: upperFirst(
        `${named(item)} has another public key than ${others.map(named).join(' and ')}: they do not belong together.`,
      ),
    });
  }
  return relations;
}

function isCa(certificate: Certificate): boolean {
  try {
    return certificate.get(basicConstraints)?.cA === true;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** What a CA signs: certificates and CRLs. */
type Issued = Signed & { readonly issuer: Name };

function issuerRelations(items: readonly Item[], crypto: Crypto): Relation[] {
  const certificates = items.filter(({ block }) => block.certificate !== undefined);
  if (certificates.length === 0) return [];
  return items.flatMap((child): Relation[] => {
    const issued: Issued | undefined = child.block.certificate ?? child.block.crl;
    if (issued === undefined || (certificates.length === 1 && certificates[0] === child)) return [];
    const named = certificates.filter(({ block }) => sameName(issued, block.certificate!));
    const answers = named.map(({ block }) => isSignedBy(issued, block.certificate!, crypto));
    return [signerRelation(child, issued, named, answers)];
  });
}

/** `named` are the certificates whose subject is the issuer's name, `answers` whether their key made the signature. */
function signerRelation(
  child: Item,
  { issuer }: Issued,
  named: readonly Item[],
  answers: readonly (boolean | undefined)[],
): Relation {
  const signer = named[answers.indexOf(true)];
  if (signer === child)
    return { answer: 'yes', sentence: `${child.name} signed itself: it is a root, or self-signed.` };
  if (signer !== undefined) return { answer: 'yes', sentence: `${child.name} was signed by ${signer.name}.` };
  const other = named.find((item) => item !== child);
  if (other === undefined) {
    const sentence = `${child.name} was signed by "${shortName(issuer)}", which is not among these files.`;
    return { answer: 'unsure', sentence };
  }
  if (answers[named.indexOf(other)] === undefined) {
    const sentence = `${child.name} names the subject of ${other.name} as its issuer; the signature cannot be verified here.`;
    return { answer: 'unsure', sentence };
  }
  const sentence = `${child.name} names the subject of ${other.name} as its issuer, but was not signed by its key: the CA has another certificate with this name.`;
  return { answer: 'no', sentence };
}

function sameName(child: Issued, issuer: Certificate): boolean {
  try {
    return child.issuer.equals(issuer.subject);
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** Undefined where it cannot be computed here. */
function isSignedBy(child: Issued, issuer: Certificate, crypto: Crypto): boolean | undefined {
  try {
    const verification = resolveSignature(child.signatureAlgorithm, issuer.subjectPublicKeyInfo);
    if (verification.problem !== undefined) return undefined;
    return crypto.verify(verification.scheme, verification.key, child.tbs.der(), signatureOctets(child));
  } catch {
    // A damaged key or signature, or an algorithm that is not available: not signed as far as anybody can tell.
    return undefined;
  }
}

/** Keys that stay closed cannot be compared. */
function locked(items: readonly Item[]): Relation[] {
  if (items.length < 2) return [];
  const closed = items.filter(({ block }) => block.kind.endsWith('private-key') && block.spki === undefined);
  return closed.map((item) => ({
    answer: 'unsure',
    sentence: `${upperFirst(named(item))} could not be opened, so it was not compared. Give its passphrase with --passphrase-file FILE.`,
  }));
}

const upperFirst = (text: string): string => (text === '' ? '' : text[0]!.toUpperCase() + text.slice(1));
