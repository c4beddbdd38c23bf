import type { Command } from 'commander';
import { DerError } from '../core/der/errors.ts';
import { readBitStringOctets } from '../core/der/values.ts';
import { parseCsr } from '../core/x509/csr.ts';
import { ATTRIBUTE } from '../core/x509/name.ts';
import { resolveSignature } from '../core/x509/signature-scheme.ts';
import { PRIVATE } from '../making/issue/durable-files.ts';
import { toPem } from '../making/encode/der.ts';
import { issue, namesFor, type Wanted } from '../making/issue/issue.ts';
import { type KeySize, keyToPem, newKey } from '../making/issue/key.ts';
import { encodeName, subjectAttributes } from '../making/encode/name-fields.ts';
import { allNames } from '../making/issue/request.ts';
import { nodeCrypto } from '../platform/crypto/node-crypto.ts';
import { addCaPassphraseOptions, type CaFlags, openCa, ours } from './ca-input.ts';
import { readBlock } from './csr.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import { readBits } from './key.ts';
import type { Finish } from './main.ts';
import { addNewPassphraseOptions, choosePassphrase, type NewPassphraseFlags, showOnce } from './new-passphrase.ts';
import { examples, oneOf } from './options.ts';
import { note, print, styleOf } from './output.ts';
import { renderReport } from './render/report.ts';
import { safeJson, visible } from './render/text.ts';
import { addSubjectOptions, namesSubject, readSubject, type SubjectFlags } from './subject-options.ts';
import { KEYS_STAY, mustBeNew, writeFile } from './written-files.ts';

const FORMATS = ['pretty', 'json'] as const;

interface Flags extends CaFlags, SubjectFlags, NewPassphraseFlags {
  readonly ca?: string;
  readonly csr?: string;
  readonly bits: KeySize;
  readonly days: number;
  readonly crl: boolean;
  readonly role?: 'sensor' | 'ha';
  readonly out?: string;
  readonly force?: true;
  readonly allowUnsupported?: true;
  readonly format: (typeof FORMATS)[number];
}

export function defineIssue(command: Command, finish: Finish): void {
  addCaPassphraseOptions(command.option('--ca <dir>', 'the folder of the CA; certgate ca new makes one')).option(
    '--csr <file>',
    'the request; without it a key is made, and the options below say who it is for',
  );
  addSubjectOptions(command).option('--bits <bits>', 'of the key that is made: 2048 or 4096', readBits, 2048);
  addNewPassphraseOptions(command)
    .option('--days <number>', 'how long the certificate is valid', readDays, 365)
    .option('--no-crl', 'name no CRL, though the CA has one')
    .option('--role <role>', 'what the appliance is: sensor or ha', oneOf('--role', ['sensor', 'ha'] as const))
    .option('--out <base>', 'where it goes: BASE.crt, BASE.pem (the chain), BASE.key (default: the CN)')
    .option('--force', 'write over the certificate and chain that are there; never over a key')
    .option('--allow-unsupported', 'issue it although the vendor does not support it')
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText(
      'after',
      NOTE +
        examples([
          'certgate issue --ca my-ca --ca-passphrase-file ca.txt --csr sensor.csr --out sensor',
          'certgate issue --ca my-ca --ca-passphrase-file ca.txt --cn ha.contoso.com --country US \\',
          "    --organization 'Contoso Inc.' --unit 'OT Security' --role ha \\",
          '    --passphrase-file ha.txt --out ha',
        ]),
    )
    .action(async (flags: Flags) => finish(await runIssue(flags)));
}

const NOTE = `
What is issued passes certgate check; what would not is not issued, and the rule is named.
Key usage, identifiers and CRL come from the CA, subject and names from the request.
`;

function readDays(text: string): number {
  const days = Number(text);
  if (/^\d{1,5}$/.test(text) && days >= 1) return days;
  throw new UsageError(`--days ${text}: it takes a whole number from 1 on.`);
}

/** What is asked for, and the key's file where one was made for it. */
interface Order {
  readonly wanted: Wanted;
  readonly keyPem?: string;
  readonly afterwards: () => void;
}

async function runIssue(flags: Flags): Promise<ExitCode> {
  if (flags.ca === undefined) throw new UsageError('--ca is missing: the folder of a CA; certgate ca new makes one.');
  const folder = flags.ca;
  const ca = await openCa(folder, flags);
  const order = flags.csr === undefined ? await orderWithKey(flags) : await orderOfRequest(flags.csr, flags);
  const { wanted, keyPem } = order;
  const base = flags.out ?? wanted.name;
  const [crt, chain, key] = [`${base}.crt`, `${base}.pem`, `${base}.key`];
  mustBeNew([crt, chain], { force: flags.force === true });
  if (keyPem !== undefined) mustBeNew([key], { instead: KEYS_STAY });
  const keepKey = (): void => {
    if (keyPem !== undefined) writeFile(key, keyPem, { mode: PRIVATE, instead: KEYS_STAY });
  };
  const { report, certificate } = await ours(folder, () => issue(ca, { ...wanted, keepKey }, new Date(), nodeCrypto));
  if (certificate !== undefined) {
    const force = flags.force === true;
    writeFile(chain, ca.chainPem, { force });
    writeFile(crt, toPem('CERTIFICATE', certificate), { force });
  }
  const paths = { crt, chain, key: keyPem === undefined ? null : key };
  if (flags.format === 'json') {
    print(`${safeJson({ issued: certificate === undefined ? null : paths, report }, 2)}\n`);
  } else if (certificate === undefined) {
    const handed = { crt: undefined, key: undefined, chain: undefined };
    print(renderReport(styleOf(process.stdout), { report, handed, allowed: false, everything: false }));
  } else {
    const style = styleOf(process.stdout);
    const files = [crt, chain, ...(keyPem === undefined ? [] : [key])].map(visible).join(', ');
    print(`${style.paint('green', style.sign.ok)} ${visible(wanted.names.join(', '))}: ${files}\n`);
    for (const { status, message } of report.findings) {
      if (status === 'warning' || status === 'unsupported') print(`  ${style.sign.warning} ${visible(message)}\n`);
    }
  }
  if (certificate === undefined) {
    const rules = report.findings.filter(({ status }) => status === 'refused' || status === 'unsupported');
    note(`nothing was issued: ${[...new Set(rules.map(({ rule }) => rule))].join(', ')}.`);
    return EXIT.refused;
  }
  order.afterwards();
  return EXIT.ok;
}

async function orderWithKey(flags: Flags): Promise<Order> {
  const request = readSubject(flags);
  const chosen = await choosePassphrase(flags);
  const { privateKey, spki } = await newKey(flags.bits);
  const keyPem = keyToPem(privateKey, chosen.passphrase);
  return {
    keyPem,
    afterwards: () => showOnce(chosen),
    wanted: {
      ...common(flags),
      name: request.subject.commonName,
      subject: encodeName(subjectAttributes(request.subject)),
      subjectPublicKeyInfo: spki,
      names: allNames(request),
      key: Buffer.from(keyPem),
      passphrase: chosen.passphrase,
    },
  };
}

const common = ({ days, crl, role, allowUnsupported }: Flags) => ({
  days,
  crl,
  role,
  allowUnsupported: allowUnsupported === true,
});

async function orderOfRequest(path: string, flags: Flags): Promise<Order> {
  if (namesSubject(flags) || flags.passphraseFile !== undefined) {
    throw new UsageError('--csr brings its own subject and key; --cn, --passphrase-file and so on do not go with it.');
  }
  const der = await readBlock('--csr', path, ['csr']);
  try {
    const request = parseCsr(der);
    const { scheme, key, problem } = resolveSignature(request.signatureAlgorithm, request.subjectPublicKeyInfo);
    const signature = readBitStringOctets(request.signatureValue, 'signature');
    if (problem !== undefined || !nodeCrypto.verify(scheme, key, request.tbs.der(), signature)) {
      throw new UsageError(`${path} is not signed with its own key: it was changed or damaged. Ask for it again.`);
    }
    const names = [...new Set([...namesFor(request), ...(flags.san ?? [])])];
    return {
      afterwards: () => undefined,
      wanted: {
        ...common(flags),
        name: request.subject.all(ATTRIBUTE.CN)[0]?.text ?? path,
        subject: request.subject.element.der(),
        subjectPublicKeyInfo: request.subjectPublicKeyInfo.element.der(),
        names,
      },
    };
  } catch (error) {
    if (error instanceof DerError) throw new UsageError(`${path} is damaged: ${error.message}.`);
    throw error;
  }
}
