import type { Finding, Report } from '../../../src/core/base/finding.ts';
import type { Crypto } from '../../../src/core/base/ports.ts';
import {
  isRoot,
  pathInput,
  type PathMaterial,
  pathMaterial,
  pathValidator,
} from '../../../src/core/check/path-facts.ts';
import { formatTime } from '../../../src/core/der/time.ts';
import { toHex } from '../../../src/core/der/values.ts';
import type { FileCertificate, OpenedBundle } from '../../../src/core/files/bundle.ts';
import type { ExploredPath } from '../../../src/core/path/validate.ts';
import type { Circumstances } from '../../../src/core/requirements/rule.ts';
import { followSignatures } from '../../../src/core/revocation/chain-status.ts';
import type { Certificate } from '../../../src/core/x509/certificate.ts';
import { shortName } from '../../../src/core/x509/describe/certificate.ts';
import { printable } from '../../../src/core/x509/describe/name.ts';
import type { ChainCertificate, ChainLink, ChainPictureData } from '../report/chain.ts';

interface Setting {
  readonly bundle: OpenedBundle;
  readonly circumstances: Pick<Circumstances, 'at' | 'trust' | 'crypto'>;
  readonly report: Report;
}

type Problem = ExploredPath['attempts'][number]['problems'][number];

/** The chain that the report rests on; where none is valid, the one that came closest. */
export function chainOf(setting: Setting): ChainPictureData | undefined {
  const { bundle, circumstances } = setting;
  const leaf = bundle.crt.leaf?.certificate;
  if (leaf === undefined) return undefined;
  const material = pathMaterial(bundle, circumstances as Circumstances);
  if (material === undefined) return alone(leaf, setting);
  const explored = pathValidator(material, circumstances.crypto).explore({
    ...pathInput(material, circumstances.at),
    revocation: 'off',
  });
  const [closest] = explored.attempts;
  const nodes = explored.verified?.certificates ?? closest?.certificates ?? [];
  const certificates = nodes.map((node) => of(node, explored, material));
  if (certificates.length === 0) return alone(leaf, setting);
  const problems = explored.verified === undefined ? (closest?.problems ?? []) : [];
  return assembled(certificates, { problems, explored, material, setting });
}

const of = (
  node: ExploredPath['attempts'][number]['certificates'][number],
  { origins }: ExploredPath,
  { leaf, others, anchors }: PathMaterial,
): Certificate => {
  const origin = origins.get(node);
  if (origin === undefined || origin.list === 'leaf') return leaf;
  return origin.list === 'trustAnchors' ? anchors[origin.index]! : others[origin.index]!.certificate!;
};

interface Explored {
  readonly problems: readonly Problem[];
  readonly explored: ExploredPath;
  readonly material: PathMaterial;
  readonly setting: Setting;
}

function assembled(path: readonly Certificate[], found: Explored): ChainPictureData {
  const { problems, explored, material, setting } = found;
  const { circumstances } = setting;
  const broken = problems.find(({ code }) => isOfLink(code));
  const last = path.at(-1)!;
  // The candidate whose key did not fit stands where the issuer should, and above it those that vouch for it.
  const refused = broken === undefined ? undefined : candidateFor(last, path, material);
  const above = refused === undefined ? [] : ascentOf(refused, material, circumstances.crypto);
  const shown = [...path, ...above];
  const links = shown.slice(1).map((_, i): ChainLink => {
    return i === path.length - 1 ? { state: 'broken', why: sentence(broken!.message) } : { state: 'verified' };
  });
  const verified = explored.verified !== undefined;
  const ends = verified || (problems.length > 0 && explored.attempts[0]?.complete === true);
  const gap = problems.find(({ code }) => code === 'issuer-unknown');
  const isOpen = !ends && refused === undefined && !isRoot(last);
  const make = (certificate: Certificate) =>
    describe(certificate, certificate === path[0] ? 'leaf' : undefined, setting, ownProblems(certificate, found));
  return {
    certificates: shown.map(make),
    links,
    trust: !ends ? 'none' : circumstances.trust === undefined ? 'own-chain' : 'anchors',
    beside: besides(shown, material).map(make),
    ...(isOpen && {
      missing: {
        name: shortName(last.issuer),
        why: gap === undefined ? 'Nobody here has the certificate of this issuer.' : sentence(gap.message),
      },
    }),
  };
}

const isOfLink = (code: string): boolean =>
  ['signature-invalid', 'key-identifier-mismatch', 'algorithm-unsupported', 'signature-algorithm-mismatch'].includes(
    code,
  );

/** Has the name that `child` calls its issuer, and did not sign it. */
function candidateFor(
  child: Certificate,
  path: readonly Certificate[],
  { others, anchors }: PathMaterial,
): Certificate | undefined {
  const all = [...anchors, ...others.flatMap(({ certificate }) => certificate ?? [])];
  return all.find((one) => !path.includes(one) && quiet(() => one.subject.equals(child.issuer)) === true);
}

const ascentOf = (leaf: Certificate, { others, anchors }: PathMaterial, crypto: Crypto): readonly Certificate[] =>
  followSignatures({ leaf, others: others.flatMap(({ certificate }) => certificate ?? []), anchors, crypto })
    .certificates;

function besides(shown: readonly Certificate[], { others }: PathMaterial): Certificate[] {
  const ders = shown.map(({ der }) => der);
  return others
    .flatMap(({ certificate }: FileCertificate) => certificate ?? [])
    .filter(
      ({ der }, i, all) => !ders.some((one) => same(one, der)) && all.findIndex((one) => same(one.der, der)) === i,
    );
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((octet, i) => octet === b[i]);

/** One certificate without anybody above it. */
function alone(leaf: Certificate, setting: Setting): ChainPictureData {
  const selfSigned = isRoot(leaf);
  const certificate = describe(leaf, 'leaf', setting, []);
  return {
    certificates: [certificate],
    links: [],
    trust: 'none',
    beside: [],
    ...(!selfSigned && {
      missing: {
        name: shortName(leaf.issuer),
        why: `The certificate of "${shortName(leaf.issuer)}", which issued this one, did not come along.`,
      },
    }),
  };
}

/** Of the path's own problems those that are about this certificate and no link. */
function ownProblems(certificate: Certificate, { problems, explored, material }: Explored): string[] {
  return problems
    .filter((problem) => !isOfLink(problem.code) && problem.code !== 'issuer-unknown')
    .filter((problem) => of(problem.certificate, explored, material) === certificate)
    .map(({ message }) => sentence(message));
}

const LEAF_RULES = ['crt-valid-to', 'crt-valid-from', 'crt-well-formed', 'crt-self-signed'];

function describe(
  certificate: Certificate,
  role: 'leaf' | undefined,
  setting: Setting,
  problems: readonly string[],
): ChainCertificate {
  const { bundle, circumstances, report } = setting;
  const { trust = [], crypto } = circumstances;
  const held = heldAs(certificate, bundle);
  const anchor = trust.some(({ der }) => same(der, certificate.der));
  const findings = report.findings.filter((finding) => isAbout(finding, held, role === 'leaf'));
  return {
    role: role ?? (isRoot(certificate) || anchor ? 'root' : 'intermediate'),
    anchor,
    title: shortName(certificate.subject),
    subject: nameOf(() => certificate.subject.toString()),
    issuer: nameOf(() => certificate.issuer.toString()),
    serial: toHex(certificate.serialNumber.content()),
    fingerprint: fingerprintOf(certificate, crypto),
    notBefore: formatTime(certificate.notBefore.seconds),
    notAfter: formatTime(certificate.notAfter.seconds),
    ...(held !== undefined && { file: held.file }),
    problems: [...new Set([...findings.map(({ message }) => message), ...problems])],
    ...(findings.some(({ rule }) => rule === 'revocation-status') && { revocation: 'revoked' as const }),
  };
}

function isAbout({ rule, status, location }: Finding, held: FileCertificate | undefined, isLeaf: boolean): boolean {
  if (status !== 'refused' || held === undefined || location?.file !== held.file) return false;
  if (location.block !== held.block.index) return false;
  return rule === 'revocation-status' || (isLeaf && LEAF_RULES.includes(rule));
}

function heldAs(certificate: Certificate, { crt, chain }: OpenedBundle): FileCertificate | undefined {
  const all = [crt.leaf, ...crt.rest, ...(chain?.certificates ?? [])];
  return all.find((held) => held?.certificate !== undefined && same(held.certificate.der, certificate.der));
}

const fingerprintOf = ({ der }: Certificate, crypto: Crypto): string => toHex(crypto.digest('sha256', der));

const nameOf = (read: () => string): string => {
  const name = quiet(read);
  return name === undefined ? 'a name that cannot be read' : printable(name);
};

function quiet<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
