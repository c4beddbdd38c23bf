import * as forge from './forge.ts';
import {
  caExtensions,
  certificate,
  crl,
  DAY,
  dnsName,
  ext,
  extension,
  type Key,
  NOON,
  PURPOSES,
  type Recipe,
} from './forge.ts';

/** A chain whose certificates may be wrong, with names that no other chain has. */
export interface GeneratedChain {
  readonly leaf: Buffer;
  /** In random order, sometimes with a second certificate for the same CA. */
  readonly intermediates: readonly Buffer[];
  readonly root: Buffer;
  readonly crls: readonly Buffer[];
  /** What was done to it. */
  readonly breakages: readonly string[];
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One certificate on its way to be signed. */
type Draft = { -readonly [K in keyof Recipe]: Recipe[K] } & { extensions: Buffer[] };

interface Drafts {
  /** Root first, leaf last. */
  readonly all: Draft[];
  readonly keys: readonly Key[];
  readonly random: () => number;
  /** CRLs by index of the issuer. */
  readonly crls: { revoked: number[]; late: boolean; missing: boolean; signer: Key }[];
}

const OIDS = {
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  aki: '2.5.29.35',
  san: '2.5.29.17',
  eku: '2.5.29.37',
};

const identified = (id: string) => {
  const wanted = forge.oid(id);
  return (candidate: Buffer): boolean => candidate.includes(wanted);
};

function replace(draft: Draft, id: string, by?: Buffer): void {
  const isIt = identified(id);
  draft.extensions = [...draft.extensions.filter((candidate) => !isIt(candidate)), ...(by === undefined ? [] : [by])];
}

const pick = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
const leafOf = ({ all }: Drafts): Draft => all.at(-1)!;
const anyCa = ({ all, random }: Drafts): Draft => pick(random, all.slice(0, -1));
/** A CA below the root where there is one. */
const someCa = ({ all, random }: Drafts): Draft => pick(random, all.length > 2 ? all.slice(1, -1) : all.slice(0, 1));
const anyone = ({ all, random }: Drafts): Draft => pick(random, all);

/** A CA below the root, if there is one. */
const belowRoot = (d: Drafts, change: (draft: Draft) => void): void => {
  if (d.all.length > 2) change(someCa(d));
};

const UNKNOWN = '1.3.6.1.4.1.55555.1';
const POLICY = '1.3.6.1.4.1.55555.2';

/** Each does one thing to a chain; some of them leave it valid. */
const BREAKAGES: Readonly<Record<string, (drafts: Drafts) => void>> = {
  expired: (d) => void (anyone(d).notAfter = NOON - 1),
  'expires now': (d) => void (anyone(d).notAfter = NOON),
  'not yet valid': (d) => void (anyone(d).notBefore = NOON + 1),
  'valid from now': (d) => void (anyone(d).notBefore = NOON),
  'no basicConstraints': (d) => replace(someCa(d), OIDS.basicConstraints),
  'cA false': (d) => replace(someCa(d), OIDS.basicConstraints, ext.basicConstraints(false)),
  'uncritical basicConstraints': (d) =>
    replace(someCa(d), OIDS.basicConstraints, ext.basicConstraints(true, undefined, false)),
  'pathLen 0': (d) => replace(anyCa(d), OIDS.basicConstraints, ext.basicConstraints(true, 0)),
  'pathLen 1': (d) => replace(anyCa(d), OIDS.basicConstraints, ext.basicConstraints(true, 1)),
  'CA without keyCertSign': (d) => replace(anyCa(d), OIDS.keyUsage, ext.keyUsage(0, 6)),
  'CA without keyUsage': (d) => replace(anyCa(d), OIDS.keyUsage),
  'leaf without digitalSignature': (d) => replace(leafOf(d), OIDS.keyUsage, ext.keyUsage(1)),
  'leaf for key agreement': (d) => replace(leafOf(d), OIDS.keyUsage, ext.keyUsage(4)),
  'leaf for clients': (d) => replace(leafOf(d), OIDS.eku, ext.extKeyUsage(PURPOSES.clientAuth)),
  'leaf for anything': (d) => replace(leafOf(d), OIDS.eku, ext.extKeyUsage(PURPOSES.any)),
  'leaf without extKeyUsage': (d) => replace(leafOf(d), OIDS.eku),
  'CA for clients': (d) => void someCa(d).extensions.push(ext.extKeyUsage(PURPOSES.clientAuth)),
  'CA for servers': (d) => void someCa(d).extensions.push(ext.extKeyUsage(PURPOSES.serverAuth, PURPOSES.clientAuth)),
  'other signer': (d) => void (anyone({ ...d, all: d.all.slice(1) }).signer = pick(d.random, d.keys)),
  'other issuer name': (d) => void (anyone({ ...d, all: d.all.slice(1) }).issuer += ' II'),
  'issuer in capitals': (d) => void (leafOf(d).issuer = leafOf(d).issuer.replace('CN=CA ', 'CN=ca  ')),
  'unknown critical extension': (d) => void anyone(d).extensions.push(extension(UNKNOWN, true, Buffer.from([5, 0]))),
  'unknown extension': (d) => void anyone(d).extensions.push(extension(UNKNOWN, false, Buffer.from([5, 0]))),
  'other authorityKeyIdentifier': (d) => replace(leafOf(d), OIDS.aki, ext.authorityKeyIdentifier(Buffer.alloc(20, 7))),
  'no authorityKeyIdentifier': (d) => replace(anyone(d), OIDS.aki),
  'no subjectAltName': (d) => replace(leafOf(d), OIDS.san),
  'serial 0': (d) => void (leafOf(d).serial = 0),
  'SHA-1': (d) => void (anyone(d).hash = 'sha1'),
  'SHA-384': (d) => void (anyone(d).hash = 'sha384'),
  'version 1 root': (d) => void Object.assign(d.all[0]!, { version: 1, extensions: [] }),
  'same extension twice': (d) => {
    const draft = anyone(d);
    if (draft.extensions[0] !== undefined) draft.extensions.push(draft.extensions[0]);
  },
  'permits the name': (d) => void anyCa(d).extensions.push(ext.nameConstraints([dnsName('example')], [])),
  'permits another name': (d) => void anyCa(d).extensions.push(ext.nameConstraints([dnsName('other.example')], [])),
  'excludes the name': (d) => void anyCa(d).extensions.push(ext.nameConstraints([], [dnsName('example')])),
  'excludes another name': (d) => void anyCa(d).extensions.push(ext.nameConstraints([], [dnsName('other.example')])),
  'permits the address': (d) =>
    void anyCa(d).extensions.push(ext.nameConstraints([forge.ipName(192, 0, 2, 0, 255, 255, 255, 0)], [])),
  'permits another address': (d) =>
    void anyCa(d).extensions.push(ext.nameConstraints([forge.ipName(10, 0, 0, 0, 255, 0, 0, 0)], [])),
  'excludes the address': (d) =>
    void anyCa(d).extensions.push(ext.nameConstraints([], [forge.ipName(192, 0, 2, 0, 255, 255, 255, 0)])),
  'permits the organisation': (d) =>
    void anyCa(d).extensions.push(ext.nameConstraints([forge.directoryName('O=Contoso')], [])),
  'permits another organisation': (d) =>
    void anyCa(d).extensions.push(ext.nameConstraints([forge.directoryName('O=Fabrikam')], [])),
  'excludes the organisation': (d) =>
    void anyCa(d).extensions.push(ext.nameConstraints([], [forge.directoryName('O=contoso')])),
  'permits the mail domain': (d) => {
    replace(leafOf(d), OIDS.san, ext.subjectAltName(forge.mailName('a@example.com'), dnsName('sensor.example')));
    anyCa(d).extensions.push(ext.nameConstraints([forge.mailName('example.com')], []));
  },
  'permits another mail domain': (d) => {
    replace(leafOf(d), OIDS.san, ext.subjectAltName(forge.mailName('a@mail.example.com'), dnsName('sensor.example')));
    anyCa(d).extensions.push(ext.nameConstraints([forge.mailName('example.com')], []));
  },
  'permits the host of a URI': (d) => {
    replace(
      leafOf(d),
      OIDS.san,
      ext.subjectAltName(forge.uriName('https://a.example.com/x'), dnsName('sensor.example')),
    );
    anyCa(d).extensions.push(ext.nameConstraints([forge.uriName('.example.com')], []));
  },
  'root demands a policy': (d) => void d.all[0]!.extensions.push(ext.policyConstraints(0)),
  'demands a policy': (d) => belowRoot(d, (draft) => draft.extensions.push(ext.policyConstraints(0))),
  'demands the policy that all have': (d) => {
    for (const draft of d.all.slice(1)) draft.extensions.push(ext.policies(POLICY));
    belowRoot(d, (draft) => draft.extensions.push(ext.policyConstraints(0)));
  },
  'has a policy that the CA has not': (d) => {
    for (const draft of d.all.slice(1, -1)) draft.extensions.push(ext.policies(`${POLICY}.1`));
    leafOf(d).extensions.push(ext.policies(`${POLICY}.2`));
    belowRoot(d, (draft) => draft.extensions.push(ext.policyConstraints(0)));
  },
  'leaf is a CA': (d) => replace(leafOf(d), OIDS.basicConstraints, ext.basicConstraints(true)),
};

const CRL_BREAKAGES: Readonly<Record<string, (drafts: Drafts) => void>> = {
  'leaf revoked': (d) => void d.crls.at(-1)!.revoked.push(Number(leafOf(d).serial)),
  'CA revoked': (d) => {
    if (d.all.length > 2) d.crls[0]!.revoked.push(Number(d.all[1]!.serial));
  },
  'another serial revoked': (d) => void d.crls.at(-1)!.revoked.push(424_242),
  'CRL expired': (d) => void (pick(d.random, d.crls).late = true),
  'CRL missing': (d) => void (pick(d.random, d.crls).missing = true),
  'CRL signed by another key': (d) => void (pick(d.random, d.crls).signer = pick(d.random, d.keys)),
};

export const BREAKAGE_NAMES = Object.keys(BREAKAGES);

/** Chain number `index` of a run: 0 to 3 CAs below the root, 0 to 2 breakages; with CRLs 0 to 2 more. */
export function generateChain(
  index: number,
  keys: readonly Key[],
  random: () => number,
  withCrls: boolean,
): GeneratedChain {
  const drafts = draftChain(index, keys, random);
  const names: string[] = [];
  const apply = (from: Readonly<Record<string, (drafts: Drafts) => void>>): void => {
    const count = pick(random, [0, 1, 1, 1, 2]);
    for (let i = 0; i < count; i++) {
      const name = pick(random, Object.keys(from));
      from[name]!(drafts);
      names.push(name);
    }
  };
  apply(BREAKAGES);
  if (withCrls) apply(CRL_BREAKAGES);
  const made = drafts.all.map(certificate);
  const intermediates = made.slice(1, -1);
  // The same CA once more, expired: a path must be found through the other.
  if (intermediates.length > 0 && random() < 0.2) {
    intermediates.push(certificate({ ...drafts.all[1]!, serial: 99, notAfter: NOON - DAY + 1 }));
    names.push('an expired twin of a CA');
  }
  const crls = drafts.crls.flatMap(({ revoked, late, missing, signer }, i) =>
    missing ? [] : [crl({ issuer: drafts.all[i]!.subject, signer, revoked, nextUpdate: late ? NOON - 1 : NOON + DAY })],
  );
  return {
    leaf: made.at(-1)!,
    intermediates: random() < 0.5 ? intermediates : intermediates.toReversed(),
    root: made[0]!,
    crls: withCrls ? crls : [],
    breakages: names,
  };
}

function draftChain(index: number, keys: readonly Key[], random: () => number): Drafts {
  const length = pick(random, [2, 3, 3, 3, 4, 5]);
  const used = Array.from({ length }, (_, i) => keys[(index * 7 + i) % keys.length]!);
  const subjects = used.map((_, i) =>
    i === length - 1 ? `O=Contoso, CN=sensor ${index}` : `O=Contoso, CN=CA ${index} ${i}`,
  );
  const all = used.map((key, i): Draft => {
    const signer = used[Math.max(0, i - 1)]!;
    const isLeaf = i === length - 1;
    return {
      subject: subjects[i]!,
      issuer: subjects[Math.max(0, i - 1)]!,
      key,
      signer,
      serial: index * 10 + i + 1,
      extensions: isLeaf
        ? forge.serverExtensions(key, signer, dnsName('sensor.example'), forge.ipName(192, 0, 2, 7))
        : caExtensions(key, signer),
    };
  });
  const crls = used.slice(0, -1).map((signer) => ({ revoked: [] as number[], late: false, missing: false, signer }));
  return { all, keys, random, crls };
}
