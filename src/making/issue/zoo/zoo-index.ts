import type { Animal, Asking } from './animal.ts';

/** An animal as the index lists it: everything but the files' contents. */
export interface IndexEntry {
  readonly name: string;
  readonly rule: string | null;
  readonly why: string;
  readonly verdict: Animal['verdict'];
  /** The first finding, e.g. `refused crt-valid-to`; null where all is in order. */
  readonly leads: string | null;
  /** All others that are neither a pass nor not applicable. */
  readonly also: readonly string[];
  readonly ledByAnother?: string;
  readonly files: readonly string[];
  /** To be run in the folder of the zoo. */
  readonly command: string;
}

export interface ZooIndex {
  /** The time that the dates were made for, and that the commands judge for. */
  readonly made: string;
  readonly animals: readonly IndexEntry[];
}

export const PASSPHRASE_FILE = 'passphrase.txt';

export function indexOf(animals: readonly Animal[], now: Date): ZooIndex {
  const made = now.toISOString().replace(/\.\d+Z$/, 'Z');
  return { made, animals: animals.map((animal) => entryOf(animal, made)) };
}

function entryOf(animal: Animal, made: string): IndexEntry {
  const { name, rule, why, verdict, leads, also = [], ledByAnother, files } = animal;
  return {
    name,
    rule: rule ?? null,
    why,
    verdict,
    leads: leads ?? null,
    also,
    ...(ledByAnother !== undefined && { ledByAnother }),
    files: Object.keys(files),
    command: commandOf(name, animal.asking ?? {}, made),
  };
}

function commandOf(name: string, { passphrase, hostname, crl = 'off', crlFiles = [] }: Asking, made: string): string {
  const words = ['certgate check', name, `--at ${made}`];
  if (passphrase !== undefined) words.push(`--passphrase-file ${name}/${PASSPHRASE_FILE}`);
  if (hostname !== undefined) words.push(`--hostname ${hostname}`);
  // CRLs that are given imply that they are asked.
  if (crlFiles.length === 0) words.push(`--crl ${crl}`);
  for (const file of crlFiles) words.push(`--crl-file ${name}/${file}`);
  return words.join(' ');
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** One page that needs nothing but itself: it is opened from a disk, without a network. */
export const indexPage = ({ made, animals }: ZooIndex): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The bad-certificate zoo</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
article { border-top: 1px solid #8888; padding: .5rem 0 1rem; }
h2 { font-size: 1.1rem; margin: .5rem 0 0; }
pre { background: #8882; padding: .5rem; overflow-x: auto; margin: .5rem 0; }
.refused { color: #b00020; } .unsupported { color: #8a5a00; } .accepted { color: #1b6e2d; }
@media (prefers-color-scheme: dark) {
  .refused { color: #ff8a8a; } .unsupported { color: #ffc66b; } .accepted { color: #8fdc9b; }
}
b { font-weight: 600; }
</style>
</head>
<body>
<h1>The bad-certificate zoo</h1>
<p>${animals.length} bundles, each wrong in one way. Every folder holds what would be uploaded: <code>sensor.crt</code>,
<code>sensor.key</code>, <code>chain.pem</code>. The private keys are for nothing but this: never use one of them.
Dates are relative to ${escape(made)}, when this zoo was made, and the commands judge for that time. Run them in this folder.
The same list for programs: <a href="index.json">index.json</a>.</p>
${animals.map(article).join('')}</body>
</html>
`;

function article({ name, why, verdict, leads, also, ledByAnother, command, files }: IndexEntry): string {
  const others = also.length === 0 ? '' : `<br>Besides: ${also.map(escape).join(', ')}`;
  const reason = ledByAnother === undefined ? '' : `<br>Another rule leads: ${escape(ledByAnother)}.`;
  return `<article id="${escape(name)}">
<h2>${escape(name)}</h2>
<p>${escape(why)}</p>
<p>Verdict: <b class="${verdict}">${verdict}</b>${leads === null ? '' : `, and first of all: <b>${escape(leads)}</b>`}${others}${reason}</p>
<pre>${escape(command)}</pre>
<p>${files.map((file) => `<a href="${escape(`${name}/${file}`)}">${escape(file)}</a>`).join(' · ')}</p>
</article>
`;
}
