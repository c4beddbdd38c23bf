import { existsSync, readFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { nearest } from '../../core/base/nearest.ts';
import type { MasterKeySource } from '../../platform/vault/master-key.ts';
import { type KeyKind, KEYS, type KeyPath, OTHER_VARIABLES, variableOf } from './keys.data.ts';

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export interface Config {
  /** The YAML file that was read, absolute; undefined: none. */
  readonly file: string | undefined;
  /** Absolute. */
  readonly dataFolder: string;
  /** `sqlite` or the URL of a PostgreSQL database. */
  readonly database: string;
  readonly hostname: string;
  readonly listen: { readonly host: string | undefined; readonly port: number };
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  readonly socket: string;
  readonly setupLinkFile: string;
  readonly masterKey: MasterKeySource;
  /** The one before, while it is being replaced. */
  readonly previousMasterKey: MasterKeySource | undefined;
  readonly crlProxy: string | undefined;
  /** 0: CRLs are only fetched at uploads, and when somebody asks. */
  readonly crlRefreshMinutes: number;
  /** CRL servers that are asked although they are on loopback, or no anchor vouches for who names them. */
  readonly crlHosts: readonly string[];
  /** Whether processes are started for the channels of the inventory. */
  readonly runsChannels: boolean;
  readonly hstsSeconds: number;
  readonly requestsPerMinute: number;
  readonly requestSeconds: number;
  readonly logLevel: (typeof LEVELS)[number] | undefined;
}

/** The configuration is not as it must be; the message names the key, where it stands, and what is valid. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface ConfigSources {
  /** A YAML file; default CERTGATE_CONFIG, else /etc/certgate/certgate.yaml where it exists. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From the command line: before everything else. */
  readonly overrides?: Partial<Record<KeyPath, string>> | undefined;
}

const SYSTEM_FILE = '/etc/certgate/certgate.yaml';

/**
 * Command line before environment before file before default.
 * @throws {ConfigError} for the first key that is unknown or has a value it cannot have
 */
export function loadConfig({ file, environment, overrides = {} }: ConfigSources): Config {
  const values = new Map<KeyPath, unknown>();
  const path = file ?? environment['CERTGATE_CONFIG'] ?? (existsSync(SYSTEM_FILE) ? SYSTEM_FILE : undefined);
  if (path !== undefined) readYaml(path, values);
  readEnvironment(environment, values);
  for (const [key, value] of Object.entries(overrides)) {
    const { kind } = KEYS.find(({ path }) => path === key)!;
    if (value !== undefined) values.set(key as KeyPath, valueOf(kind, value, `--${key.replace('listen.', '')}`));
  }
  return { file: path === undefined ? undefined : resolve(path), ...withDefaults(values, environment) };
}

function readYaml(file: string, values: Map<KeyPath, unknown>): void {
  let parsed: unknown;
  try {
    parsed = parseYaml(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(
      `The configuration ${file} cannot be read: ${(error as Error).message.split('\n')[0]!.replace(/:$/, '')}.`,
    );
  }
  if (parsed === null) return;
  if (!isMapping(parsed)) {
    throw new ConfigError(`The configuration ${file} must be "key: value" lines, such as listen:\\n  port: 8443.`);
  }
  for (const [path, value] of flatten(parsed)) {
    const key = KEYS.find((known) => known.path === path);
    if (key === undefined) throw new ConfigError(`${file}: ${unknownKey(path)}`);
    values.set(key.path, valueOf(key.kind, value, `${file}: ${path}`));
  }
}

function unknownKey(path: string): string {
  if (/^masterKey(\.value)?$/.test(path)) {
    return 'the master key itself does not belong into a file that people copy. Use masterKey.file, or the variable CERTGATE_MASTER_KEY.';
  }
  const names = KEYS.map((key) => key.path);
  return `there is no key ${path}. Did you mean ${nearest(path, names)}? Valid are ${names.join(', ')}.`;
}

function readEnvironment(environment: ConfigSources['environment'], values: Map<KeyPath, unknown>): void {
  const known = new Map(KEYS.map((key) => [variableOf(key.path), key]));
  for (const [name, text] of Object.entries(environment)) {
    // Kubernetes gives every container CERTGATE_SERVICE_… and CERTGATE_PORT… for a service of that name.
    if (!name.startsWith('CERTGATE_') || OTHER_VARIABLES.includes(name) || /^CERTGATE_(SERVICE|PORT)(_|$)/.test(name))
      continue;
    const key = known.get(name);
    if (key === undefined) {
      throw new ConfigError(
        `The environment variable ${name} configures nothing. Did you mean ${nearest(name, [...known.keys()])}?`,
      );
    }
    if (text !== undefined && text !== '') values.set(key.path, valueOf(key.kind, text, name));
  }
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function* flatten(mapping: Record<string, unknown>, prefix = ''): Generator<[string, unknown]> {
  for (const [name, value] of Object.entries(mapping)) {
    if (isMapping(value)) yield* flatten(value, `${prefix}${name}.`);
    else yield [`${prefix}${name}`, value];
  }
}

function valueOf(kind: KeyKind, value: unknown, where: string): unknown {
  const wrong = (needed: string): ConfigError =>
    new ConfigError(`${where} is ${JSON.stringify(value)}; it must be ${needed}.`);
  switch (kind) {
    case 'text':
      if (typeof value !== 'string' || value.trim() === '') throw wrong('a text');
      return value;
    case 'port':
    case 'count': {
      const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
      const most = kind === 'port' ? 65_535 : 2 ** 31;
      if (!Number.isInteger(number) || (number as number) < 0 || (number as number) > most) {
        throw wrong(kind === 'port' ? 'a port, 1 to 65535 (0: any free one)' : 'a whole number');
      }
      return number;
    }
    case 'switch':
      if (value === true || value === 'true') return true;
      if (value === false || value === 'false') return false;
      throw wrong('true or false');
    case 'words': {
      const words = typeof value === 'string' ? value.split(/\s+/).filter(Boolean) : value;
      if (!Array.isArray(words) || words.length === 0 || words.some((word) => typeof word !== 'string')) {
        throw wrong('a program and its arguments, as a list');
      }
      return words;
    }
    case 'level':
      if (!(LEVELS as readonly unknown[]).includes(value)) throw wrong(LEVELS.join(', '));
      return value;
    default:
      throw kind satisfies never;
  }
}

function withDefaults(
  values: ReadonlyMap<KeyPath, unknown>,
  environment: Readonly<Record<string, string | undefined>>,
): Omit<Config, 'file'> {
  const get = <T>(path: KeyPath, fallback: T): T => (values.get(path) as T | undefined) ?? fallback;
  const { data, masterKey } = usualPlaces(environment);
  const dataFolder = resolve(get('data', data));
  const enabled = get('metrics.enabled', true);
  return {
    dataFolder,
    database: database(get('database', 'sqlite')),
    hostname: get('hostname', hostname().toLowerCase()),
    listen: { host: get<string | undefined>('listen.host', undefined), port: get('listen.port', 8443) },
    metrics: enabled ? { host: get('metrics.host', '127.0.0.1'), port: get('metrics.port', 9443) } : undefined,
    socket: resolve(get('socket', join(dataFolder, 'certgate.sock'))),
    setupLinkFile: resolve(get('setupLinkFile', join(dataFolder, 'setup-link'))),
    masterKey: masterKeySource(values, environment, masterKey),
    previousMasterKey: previousKeySource(values, environment),
    crlRefreshMinutes: get('crl.refreshMinutes', 60),
    crlProxy: get<string | undefined>('crl.proxy', undefined),
    crlHosts: get<readonly string[]>('crl.hosts', []),
    runsChannels: get('channels.run', true),
    hstsSeconds: get('hsts.maxAge', 86_400),
    requestsPerMinute: get('limits.requestsPerMinute', 600),
    requestSeconds: get('limits.requestSeconds', 30),
    logLevel: get<Config['logLevel']>('log.level', undefined),
  };
}

function database(text: string): string {
  if (text === 'sqlite' || /^postgres(ql)?:\/\//.test(text)) return text;
  throw new ConfigError(`database is ${JSON.stringify(text)}; it must be sqlite or postgres://user@host/name.`);
}

/** systemd's folders where it gives them, the system's for root, else those of the user. */
function usualPlaces(environment: Readonly<Record<string, string | undefined>>): { data: string; masterKey: string } {
  const isRoot = userInfo().uid === 0;
  const home = environment['HOME'] ?? homedir();
  const share = environment['XDG_DATA_HOME'] ?? join(home, '.local/share');
  const config = environment['XDG_CONFIG_HOME'] ?? join(home, '.config');
  return {
    data: environment['STATE_DIRECTORY'] ?? (isRoot ? '/var/lib/certgate' : join(share, 'certgate')),
    masterKey: isRoot ? '/etc/certgate/master.key' : join(config, 'certgate/master.key'),
  };
}

function masterKeySource(
  values: ReadonlyMap<KeyPath, unknown>,
  environment: Readonly<Record<string, string | undefined>>,
  usual: string,
): MasterKeySource {
  const command = values.get('masterKey.command') as readonly string[] | undefined;
  if (command !== undefined) return { command };
  const value = environment['CERTGATE_MASTER_KEY'];
  if (value !== undefined && value !== '') return { value };
  const credentialsDirectory = environment['CREDENTIALS_DIRECTORY'];
  const holdsKey = credentialsDirectory !== undefined && existsSync(join(credentialsDirectory, 'certgate-master-key'));
  if (holdsKey) return { credentialsDirectory };
  return { file: resolve((values.get('masterKey.file') as string | undefined) ?? usual) };
}

function previousKeySource(
  values: ReadonlyMap<KeyPath, unknown>,
  environment: Readonly<Record<string, string | undefined>>,
): MasterKeySource | undefined {
  const value = environment['CERTGATE_PREVIOUS_MASTER_KEY'];
  if (value !== undefined && value !== '') return { value };
  const file = values.get('masterKey.previousFile') as string | undefined;
  return file === undefined ? undefined : { file: resolve(file) };
}
