/** Everything that can be configured: a path in the YAML file, and an environment variable of the same words. */
export const KEYS = [
  { path: 'data', kind: 'text', about: 'folder of the database, the socket and the set-up link' },
  { path: 'database', kind: 'text', about: 'sqlite (in the data folder), or postgres://user@host/name' },
  { path: 'hostname', kind: 'text', about: 'the name under which browsers reach the console' },
  { path: 'listen.host', kind: 'text', about: 'address of the HTTPS listener' },
  { path: 'listen.port', kind: 'port', about: 'port of the HTTPS listener' },
  { path: 'metrics.enabled', kind: 'switch', about: 'whether there is a listener for Prometheus' },
  { path: 'metrics.host', kind: 'text', about: 'its address; plain HTTP, so keep it on loopback' },
  { path: 'metrics.port', kind: 'port', about: 'its port' },
  { path: 'socket', kind: 'text', about: 'unix socket for commands on this host' },
  { path: 'setupLinkFile', kind: 'text', about: 'where the set-up link goes when nobody sits at a terminal' },
  { path: 'masterKey.file', kind: 'text', about: 'file of the master key, mode 0600, outside the data folder' },
  {
    path: 'masterKey.previousFile',
    kind: 'text',
    about: 'the master key before it was replaced, until certgate db rotate-key has run',
  },
  { path: 'masterKey.command', kind: 'words', about: 'program and arguments that print the master key' },
  {
    path: 'crl.refreshMinutes',
    kind: 'count',
    about: 'how often the CRLs that certificates in use name are fetched; 0: only at uploads and when somebody asks',
  },
  { path: 'crl.proxy', kind: 'text', about: 'HTTP proxy for CRLs' },
  { path: 'crl.hosts', kind: 'words', about: 'CRL servers that may be asked wherever they are, loopback too' },
  { path: 'channels.run', kind: 'switch', about: 'whether this server runs the channels that belong to no other host' },
  { path: 'hsts.maxAge', kind: 'count', about: 'seconds for which browsers insist on HTTPS; 0 is off' },
  { path: 'limits.requestsPerMinute', kind: 'count', about: 'requests that one address may send in a minute' },
  { path: 'limits.requestSeconds', kind: 'count', about: 'seconds that a request may take to arrive' },
  { path: 'log.level', kind: 'level', about: 'debug, info, warn, error or silent' },
] as const;

export type KeyPath = (typeof KEYS)[number]['path'];
export type KeyKind = (typeof KEYS)[number]['kind'];

/** `masterKey.file` is CERTGATE_MASTER_KEY_FILE. */
export const variableOf = (path: string): string =>
  `CERTGATE_${path
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .replaceAll('.', '_')
    .toUpperCase()}`;

/** Variables of the program that configure nothing of the server. */
export const OTHER_VARIABLES: readonly string[] = [
  'CERTGATE_CONFIG',
  'CERTGATE_MASTER_KEY',
  'CERTGATE_PREVIOUS_MASTER_KEY',
  'CERTGATE_TOKEN',
  'CERTGATE_DEBUG',
  'CERTGATE_VECTORS',
];
