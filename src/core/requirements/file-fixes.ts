import type { Block, BlockKind, FileContent } from '../files/content.ts';

/** The files of an upload, by the names that every command in a report uses for them. */
export type UploadFile = 'crt' | 'key' | 'chain';

export const FILE_NAMES: Readonly<Record<UploadFile, string>> = {
  crt: 'sensor.crt',
  key: 'sensor.key',
  chain: 'chain.pem',
};

/** Where the commands put what they make: nothing is overwritten. */
const RESULTS: Readonly<Record<UploadFile, string>> = {
  crt: 'sensor-new.crt',
  key: 'sensor-new.key',
  chain: 'chain-new.pem',
};

const WANTED: Readonly<Record<UploadFile, string>> = {
  crt: 'the certificate that your CA sent you (-----BEGIN CERTIFICATE-----)',
  key: 'the private key that was made together with the request (-----BEGIN PRIVATE KEY----- or similar)',
  chain: "your CA's own certificates, the issuing one first, then up to the root",
};

/** What to do when `content` came and holds nothing of what the file is for. */
export function fixForWrongFile(file: UploadFile, content: FileContent): string {
  const name = FILE_NAMES[file];
  const block = content.blocks[0];
  if (block !== undefined) return fixForWrongBlock(file, block);
  switch (content.form) {
    case 'empty':
      return `Copy the file again; here belongs ${WANTED[file]}.`;
    case 'html':
      return `Open ${name} in an editor to see what the web site said, sign in there, and download the file itself: here belongs ${WANTED[file]}.`;
    case 'zip':
      return `Unpack it (unzip ${name} -d unpacked) and hand in the file inside: here belongs ${WANTED[file]}.`;
    case 'jks':
      return `Take key and certificates out of the keystore, then split them: keytool -importkeystore -srckeystore ${name} -destkeystore sensor.p12 -deststoretype PKCS12 && ${fromPkcs12(file, 'sensor.p12')}`;
    case 'too-large':
      return `This can't be the right file: here belongs ${WANTED[file]}, a few kilobytes.`;
    default:
      return content.description.includes('damaged')
        ? `Repair that line in an editor (exactly like -----BEGIN CERTIFICATE-----, nothing before or after it), or copy the file again.`
        : `Hand in ${WANTED[file]}.`;
  }
}

function fixForWrongBlock(file: UploadFile, block: Block): string {
  const name = FILE_NAMES[file];
  switch (block.kind) {
    case 'pkcs12':
      return `Take it apart (its password goes into a file of your own, here secret.txt): ${fromPkcs12(file, name)}`;
    case 'pkcs7':
      return file === 'key'
        ? `Hand in ${WANTED.key}; a PKCS#7 file never holds one.`
        : `Unpack it: certgate convert ${name} ${RESULT_OPTIONS[file]}`;
    case 'csr':
      return file === 'key'
        ? `Hand in ${WANTED.key}; a request holds only its public half.`
        : `A request is what the CA gets. Send it to your CA and hand in what comes back: ${WANTED[file]}.`;
    case 'private-key':
    case 'encrypted-private-key':
      return `Hand this file in as the .key file, and here ${WANTED[file]}. Whoever else got this file has your key: then make a new one.`;
    case 'openssh-private-key':
      return `Hand in ${WANTED[file]}; an OpenSSH key belongs into no certificate file.`;
    case 'certificate':
    case 'trusted-certificate':
      return `Hand in ${WANTED[file]}. If all you got is a .pfx file, the key is inside: ${fromPkcs12('key', 'sensor.pfx')}`;
    default:
      return `Hand in ${WANTED[file]}.`;
  }
}

// Whatever else is in a container comes out beside it under the same name: sensor-new.crt, .key and .pem.
const RESULT_OPTIONS: Readonly<Record<UploadFile, string>> = {
  crt: '--name sensor-new',
  key: '--name sensor-new',
  chain: `--only chain --out ${RESULTS.chain}`,
};

const fromPkcs12 = (file: UploadFile, name: string): string =>
  `certgate convert ${name} --passphrase-file secret.txt ${RESULT_OPTIONS[file]}`;

/** What is odd about the text of a file and which command puts it right. */
export interface Oddity {
  readonly found: string;
  readonly message: string;
  readonly fix: string;
}

export const utf16 = (file: UploadFile): Oddity => ({
  found: 'UTF-16 text',
  message:
    'The file is text in UTF-16 (Windows PowerShell writes it so); nearly every TLS server reads PEM only one byte a character.',
  fix: `Convert it: iconv -f UTF-16 -t ASCII ${FILE_NAMES[file]} > ${RESULTS[file]}`,
});

export const loneCr = (file: UploadFile): Oddity => ({
  found: 'lines that end with a lone CR',
  message:
    'The lines end with a lone carriage return (old Macintosh style); OpenSSL takes all for one line and finds nothing.',
  fix: `Convert it: tr '\\r' '\\n' < ${FILE_NAMES[file]} > ${RESULTS[file]}`,
});

export const byteOrderMark = (file: UploadFile): Oddity => ({
  found: 'a byte order mark (BOM)',
  message: 'The file begins with a byte order mark, which some programs stumble over.',
  fix: `Remove it: sed '1s/^\\xEF\\xBB\\xBF//' ${FILE_NAMES[file]} > ${RESULTS[file]}`,
});

export const bareBase64 = (file: UploadFile, kind: BlockKind): Oddity => {
  const command =
    file === 'key'
      ? 'openssl pkey -inform DER'
      : kind === 'pkcs7'
        ? 'openssl pkcs7 -inform DER -print_certs'
        : 'openssl x509 -inform DER';
  return {
    found: 'Base64 without BEGIN and END lines',
    message: 'The BEGIN and END lines are missing: the file holds the bare Base64 text, which no TLS server reads.',
    fix: `Put them back: base64 -di ${FILE_NAMES[file]} | ${command} -out ${RESULTS[file]}`,
  };
};

const SHOWN = 5;

/** The damage of a block in words, its places first: `line 17, column 12: "|" is no Base64 character`. */
export function damageOf({ faults }: Block): string {
  const shown = faults.slice(0, SHOWN).map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
  if (faults.length > SHOWN) shown.push(`${faults.length - SHOWN} more`);
  return shown.join('; ');
}

/** What to do about the worst fault of a block. */
export function fixForDamage(file: UploadFile, { faults, label }: Block): string {
  const codes = new Set(faults.map(({ code }) => code));
  const name = FILE_NAMES[file];
  if (codes.has('bad-base64') || codes.has('empty-block')) {
    return 'Copy the file again from where it was made, as a file: text that went through a web page, a PDF, a chat or a word processor loses and gains characters.';
  }
  if (codes.has('written-newline')) {
    return `Make real line breaks of them: printf '%b' "$(cat ${name})" > ${RESULTS[file]}`;
  }
  if (codes.has('blank-line')) {
    // The empty line below the headers of an old encrypted key has to stay.
    return `Take the empty lines out: awk 'NF{print} /^DEK-Info/{print ""}' ${name} > ${RESULTS[file]}`;
  }
  if (codes.has('no-end-line')) {
    return `Copy the file again. If only the last line got lost: awk 1 ${name} > ${RESULTS[file]} && echo '-----END ${label ?? ''}-----' >> ${RESULTS[file]}`;
  }
  if (codes.has('not-at-line-start')) {
    return `Put each BEGIN and END line on a line of its own: sed 's/^[[:space:]]*//; s/-----BEGIN [A-Z0-9 ]*-----/&\\n/g; s/\\([^[:space:]]\\)[[:space:]]*-----END/\\1\\n-----END/g' ${name} > ${RESULTS[file]}`;
  }
  if (codes.has('label-mismatch'))
    return 'Copy the file again from where it was made, and leave its BEGIN and END lines as they are.';
  return 'Put an empty line below the header lines (Proc-Type, DEK-Info), or copy the file again.';
}

const awk = (file: UploadFile, condition: string): string => `awk '/-----BEGIN/{n++} ${condition}' ${FILE_NAMES[file]}`;

/** Prints block `index` (from 0) of a PEM file alone. */
export const onlyBlock = (file: UploadFile, index: number): string => awk(file, `n==${index + 1}`);

/** Writes all but block `index` (from 0) of a PEM file. */
export const withoutBlock = (file: UploadFile, index: number, result: string): string =>
  `${awk(file, `n && n!=${index + 1}`)} > ${result}`;

/** Writes block `index` (from 0) of a PEM file into a file of its own, and the others into `rest`. */
export const splitCommand = (file: UploadFile, index: number, rest: string): string =>
  `${onlyBlock(file, index)} > ${RESULTS[file]} && ${withoutBlock(file, index, rest)}`;
