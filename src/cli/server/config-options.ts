import type { Command } from 'commander';
import { type Config, loadConfig } from '../../app/config/config.ts';
import type { KeyPath } from '../../app/config/keys.data.ts';
import { UsageError } from '../failure.ts';

export interface ConfigFlags {
  readonly config?: string;
  readonly data?: string;
  readonly database?: string;
}

/** Of every command that runs the system or its database. */
export const addConfigOptions = (command: Command): Command =>
  command
    .option('--config <file>', 'the configuration, YAML (default: CERTGATE_CONFIG, /etc/certgate/certgate.yaml)')
    .option('--data <folder>', 'the data folder')
    .option('--database <url>', 'sqlite, or postgres://user@host/name');

export const configOf = (flags: ConfigFlags, overrides: Partial<Record<KeyPath, string | undefined>> = {}): Config =>
  loadConfig({
    file: flags.config,
    environment: process.env,
    overrides: defined({ data: flags.data, database: flags.database, ...overrides }),
  });

const defined = (values: Partial<Record<KeyPath, string | undefined>>): Partial<Record<KeyPath, string>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** Their messages say what to do: they are the operator's business, not failures of the program. */
const EXPECTED = new Set([
  'ConfigError',
  'StoreError',
  'VaultError',
  'ListenError',
  'AccessError',
  'InventoryError',
  'ProxyUrlError',
  'DatabaseError',
]);

/** Runs `work`; what the operator can put right ends as one sentence and exit code 2. */
export function explained<T>(work: () => T): T {
  const explain = (error: unknown): never => {
    if (error instanceof Error && EXPECTED.has(error.name)) throw new UsageError(error.message);
    throw error;
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(explain) as T) : result;
  } catch (error) {
    return explain(error);
  }
}
