import type { PackPlan } from './layout.ts';
import type { ManifestEntry } from './manifest.ts';

/** What has to be done at each appliance, on paper or a tablet: one self-contained page, nothing secret in it. */
export function workOrderHtml(plan: PackPlan, entries: readonly ManifestEntry[], now: Date): string {
  const ready = entries.filter(({ certificate }) => certificate !== null).length;
  const rows = entries.map((entry) => row(plan, entry)).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Certificates: work order</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem; color: #1b1b1b; background: #fff; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #999; }
code { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
.todo { font-weight: 600; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
</style>
</head>
<body>
<h1>Certificates: work order</h1>
<p>${ready} of ${entries.length} appliances have their certificate. As of ${now.toISOString().slice(0, 16).replace('T', ' ')} UTC.</p>
<ol>
<li>Send everything in <code>requests/</code> to your CA. Compare the SHA-256 of the public key where you do it by telephone.</li>
<li>Put what comes back into <code>replies/</code>, whatever it is called and however it is packed, and run <code>certgate pack import</code>.</li>
<li>At each appliance upload certificate, key and chain, and type the passphrase. Tick it off here.</li>
</ol>
<table>
<thead><tr><th>Done</th><th>Appliance</th><th>State</th><th>Upload</th><th>Public key SHA-256</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
</body>
</html>
`;
}

const STATES: Readonly<Record<ManifestEntry['state'], string>> = {
  'no-key': 'Key missing: run certgate pack new again',
  waiting: 'Waiting for the certificate',
  ready: 'Ready to upload',
  unsupported: 'Ready, but not supported by the vendor',
  refused: 'Refused: do not upload',
};

function row({ passphrases }: PackPlan, entry: ManifestEntry): string {
  const passphrase =
    passphrases === 'none'
      ? 'none'
      : passphrases === 'one'
        ? 'the one of this pack'
        : `in ${code(entry.passphraseFile!)}`;
  const upload =
    entry.certificate === null
      ? `Request: ${code(entry.request)}`
      : `Certificate (CRT file): ${code(entry.certificate)}<br>Private key (KEY file): ${code(entry.key)}<br>${entry.chain === null ? '' : `Certificate chain (PEM file): ${code(entry.chain)}<br>`}Passphrase: ${passphrase}`;
  const until = entry.notAfter === null ? '' : `<br>valid until ${entry.notAfter.slice(0, 10)}`;
  const rules = entry.rules.length === 0 ? '' : `<br>${code(entry.rules.join(' '))}`;
  return `<tr><td>&#x2610;</td><td><strong>${escape(entry.name)}</strong><br>${escape(entry.hostname)}<br>${entry.role}${entry.site === '' ? '' : `, ${escape(entry.site)}`}</td><td${entry.state === 'ready' ? '' : ' class="todo"'}>${STATES[entry.state]}${until}${rules}</td><td>${upload}</td><td>${code(entry.publicKeySha256 ?? '')}</td></tr>`;
}

const code = (text: string): string => `<code>${escape(text)}</code>`;

const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
