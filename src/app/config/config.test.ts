import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from './config.ts';
import { KEYS, variableOf } from './keys.data.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgate-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOME = { HOME: '/home/ada' };
let files = 0;
const yaml = (text: string): string => {
  const file = join(folder, `${files++}.yaml`);
  writeFileSync(file, text);
  return file;
};
const problemOf = (text: string): string => {
  try {
    loadConfig({ file: yaml(text), environment: HOME });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('it was taken');
};

describe('the configuration', () => {
  test('has defaults for everything; the master key lies outside the data folder', () => {
    const config = loadConfig({ environment: HOME });
    expect(config.listen.port).toBe(8443);
    expect(config.metrics).toEqual({ host: '127.0.0.1', port: 9443 });
    expect(config.masterKey.file!.startsWith(config.dataFolder)).toBe(false);
  });

  test('comes from the file, before it from the environment, before that from the command line', () => {
    const file = yaml('listen:\n  port: 1\nhostname: file.contoso.com\nlog: { level: warn }\n');
    const environment = { ...HOME, CERTGATE_LISTEN_PORT: '2', CERTGATE_LOG_LEVEL: 'error' };
    const config = loadConfig({ file, environment, overrides: { 'listen.port': '3' } });
    expect(config).toMatchObject({ hostname: 'file.contoso.com', logLevel: 'error', listen: { port: 3 } });
  });

  test('has a variable of its own for every key', () => {
    const variables = KEYS.map(({ path }) => variableOf(path));
    expect(new Set(variables).size).toBe(KEYS.length);
    expect(variableOf('masterKey.file')).toBe('CERTGATE_MASTER_KEY_FILE');
  });

  test('names an unknown key, and the nearest that there is', () => {
    expect(problemOf('listen:\n  prot: 1\n')).toContain('there is no key listen.prot. Did you mean listen.port?');
    const environment = { ...HOME, CERTGATE_LISTEN_PROT: '1' };
    expect(() => loadConfig({ environment })).toThrow('Did you mean CERTGATE_LISTEN_PORT?');
  });

  test('says what a value must be', () => {
    expect(problemOf('listen: { port: 70000 }')).toContain('listen.port is 70000; it must be a port');
    expect(problemOf('metrics: { enabled: yes please }')).toContain('must be true or false');
    expect(problemOf('log: { level: loud }')).toContain('debug, info, warn, error, silent');
    expect(problemOf('database: mysql://x')).toContain('must be sqlite or postgres://');
    expect(problemOf('- a\n- b\n')).toContain('key: value');
    expect(problemOf('a: [')).toContain('cannot be read');
  });

  test('does not take the master key itself out of a file', () => {
    expect(problemOf(`masterKey: ${'ab'.repeat(32)}`)).not.toContain('abab');
    expect(problemOf(`masterKey: ${'ab'.repeat(32)}`)).toContain('masterKey.file');
  });

  test('overlooks what Kubernetes puts beside it', () => {
    const environment = { ...HOME, CERTGATE_SERVICE_HOST: '10.0.0.1', CERTGATE_PORT_8443_TCP: 'tcp://10.0.0.1:8443' };
    expect(loadConfig({ environment }).listen.port).toBe(8443);
  });
});
