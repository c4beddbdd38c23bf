/**
 * The engine's texts speak to whoever types commands. In a page the same things are fields: what can be put right right
 * here is said in the page's own words; commands that mend files stay.
 */
const SAYINGS: readonly (readonly [RegExp, string])[] = [
  [/Give the passphrase: put it into a file and add --passphrase-file FILE\./g, 'Type the passphrase into its field.'],
  [/Give it with --key sensor\.key\.?/g, 'Drop the .key file here, too.'],
  [
    /give the CA certificates with --chain FILE or --trust FILE/g,
    'drop the CA certificates here, or choose a trust anchor',
  ],
  [
    /Give the CA certificates with --chain FILE or --trust FILE/g,
    'Drop the CA certificates here, or choose a trust anchor',
  ],
  [/, or give it with --trust\b/g, ', or choose it as trust anchor'],
  [/ \((?:--trust|--chain) FILE\)/g, ''],
  [
    /: certgate check … --crl-file FILE\. Fetch it by hand with: certgate/g,
    ' as CRL file. To fetch it by hand: certgate',
  ],
  [/: check with --crl on or --crl off/g, ': say so in the form'],
  [/, check with --crl on\b/g, ', say so in the form'],
  [/ ?\(--crl on(?: or off)?\)/g, ''],
  [/Give (the CRL of .+?) with --crl-file FILE/g, 'Choose $1 as CRL file'],
  [/ and hand it in with --crl-file\b/g, ' and choose it as CRL file'],
  [/ \(for a test: confirm with --allow-unsupported\)/g, ''],
  [/to the chain \(--chain\) or to the anchors \(--trust\)/g, 'to the chain or to the trust anchors'],
];

export const inPage = (text: string): string =>
  SAYINGS.reduce((said, [pattern, words]) => said.replace(pattern, words), text);
