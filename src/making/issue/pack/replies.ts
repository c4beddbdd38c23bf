import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DerError } from '../../../core/der/errors.ts';
import type { FileContent } from '../../../core/files/content.ts';
import { identify } from '../../../core/files/identify.ts';
import { type Certificate, parseCertificate } from '../../../core/x509/certificate.ts';
import { basicConstraints } from '../../../core/x509/extensions/basic-constraints.ts';
import { ConversionError } from '../../convert/conversion-error.ts';
import { readPkcs7 } from '../../convert/pkcs7.ts';
import { sha256 } from '../lab-ca.ts';
import { PackError } from './pack-error.ts';
import { readZip, ZIP_BUDGET } from './zip.ts';

/** A certificate that came back, wherever it was found. */
export interface Reply {
  /** The file; within a zip, `replies.zip/name`. */
  readonly path: string;
  readonly certificate: Certificate;
  readonly isCa: boolean;
}

export interface Collected {
  /** Each certificate once, in the order in which they were found. */
  readonly replies: readonly Reply[];
  /** Files that should have held certificates and don't; sentences. */
  readonly problems: readonly string[];
}

const BUDGET = { files: 50_000, fileOctets: 256 * 1024 * 1024, zipsInZips: 1 } as const;

/** All certificates in files, folders (with everything below), zips and PKCS#7, whatever they are called. */
export async function collectReplies(paths: readonly string[]): Promise<Collected> {
  const collector = new Collector();
  for (const path of paths) await collector.path(path, true);
  return { replies: [...collector.replies.values()], problems: collector.problems };
}

class Collector {
  readonly replies = new Map<string, Reply>();
  readonly problems: string[] = [];
  #files = 0;
  /** For all zips together: one in another has no budget of its own. */
  #octetsLeft: number = ZIP_BUDGET.octets;

  /** `named`: by the user, so that it is worth a word where it holds nothing. */
  async path(path: string, named: boolean): Promise<void> {
    let stats;
    try {
      stats = statSync(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const reason = code === 'ENOENT' ? 'it is not there' : `the system says ${code}`;
      this.problems.push(`${path} cannot be opened: ${reason}.`);
      return;
    }
    if (stats.isDirectory()) {
      const entries = readdirSync(path, { withFileTypes: true });
      for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        if (entry.name.startsWith('.')) continue;
        const inside = join(path, entry.name);
        // A link may lead out of the folder or round in it.
        if (entry.isSymbolicLink())
          this.problems.push(`${inside} is a link, which is not followed; name what it leads to.`);
        else if (entry.isDirectory() || entry.isFile()) await this.path(inside, false);
      }
      return;
    }
    if (stats.size > BUDGET.fileOctets) {
      this.problems.push(`${path} has ${Math.round(stats.size / 1024 / 1024)} MiB; no reply of a CA is so large.`);
      return;
    }
    await this.#file(path, readFileSync(path), { named, depth: 0 });
  }

  async #file(path: string, bytes: Uint8Array, where: { named: boolean; depth: number }): Promise<void> {
    if (++this.#files > BUDGET.files) throw new PackError(`There are more than ${BUDGET.files} files. Name fewer.`);
    const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
    if (isZip) return this.#zip(path, bytes, where.depth);
    const content = identify(bytes);
    const before = this.replies.size;
    let found = 0;
    for (const block of content.blocks) {
      if (block.kind === 'certificate' || block.kind === 'trusted-certificate') found += this.#add(path, block.der);
      else if (block.kind === 'pkcs7') found += this.#pkcs7(path, block.der);
    }
    const looksLikeOne = /\.(?:crt|cer|pem|der|p7b|p7c|p7s)$/i.test(path);
    if (found === 0 && this.replies.size === before && (where.named || looksLikeOne) && !isOurs(content)) {
      this.problems.push(`${path} is ${content.description}: there is no certificate in it.`);
    }
  }

  async #zip(path: string, bytes: Uint8Array, depth: number): Promise<void> {
    if (depth > BUDGET.zipsInZips) {
      this.problems.push(`${path} is a zip in a zip in a zip; unpack it and name the folder.`);
      return;
    }
    try {
      const members = await readZip(path, bytes, { ...ZIP_BUDGET, octets: this.#octetsLeft });
      this.#octetsLeft -= members.reduce((sum, member) => sum + member.bytes.length, 0);
      for (const { name, bytes: member } of members) {
        await this.#file(`${path}/${name}`, member, { named: false, depth: depth + 1 });
      }
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      this.problems.push(error.message);
    }
  }

  #pkcs7(path: string, bytes: Uint8Array): number {
    try {
      return readPkcs7(bytes).certificates.reduce((sum, der) => sum + this.#add(path, der), 0);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      this.problems.push(`${path}: ${error.message}`);
      return 0;
    }
  }

  /** 1 where it is a certificate, new or not. */
  #add(path: string, der: Uint8Array): number {
    try {
      const certificate = parseCertificate(der);
      // Names are read on first use; one that cannot be read is said here, not when the certificate is in its place.
      void [certificate.subject.canonical, certificate.issuer.canonical];
      const isCa = certificate.get(basicConstraints)?.cA ?? (certificate.version === 1 && certificate.isSelfIssued);
      const key = sha256(der);
      if (!this.replies.has(key)) this.replies.set(key, { path, certificate, isCa });
      return 1;
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      this.problems.push(`${path} holds a damaged certificate: ${error.message}.`);
      return 1;
    }
  }
}

/** Keys, requests and CRLs lie about in the same folders; they are no mistake. */
const isOurs = ({ blocks }: FileContent): boolean =>
  blocks.length > 0 && blocks.every(({ kind }) => kind !== 'unknown');
