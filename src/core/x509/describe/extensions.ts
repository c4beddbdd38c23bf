import { DerError } from '../../der/errors.ts';
import type { Extension, Extensions } from '../extension.ts';
import { deviationsOf, knownExtension } from '../known-extensions.ts';
import { OTHER_EXTENSIONS } from './extensions.data.ts';
import { DESCRIBERS } from './extension-values.ts';
import { type Field, field, hex, messages } from './field.ts';

/** One field for each extension, in order. */
export const extensionFields = (path: string, extensions: Extensions): Field[] =>
  extensions.list.map((extension) => extensionField(path, extension));

function extensionField(parent: string, extension: Extension): Field {
  const { oid, element, extnValue, critical } = extension;
  const describer = DESCRIBERS.get(oid);
  const name = knownExtension(oid)?.name ?? OTHER_EXTENSIONS[oid] ?? oid;
  const path = `${parent}.${name}`;
  const label = describer?.label ?? (OTHER_EXTENSIONS[oid] === undefined ? `Unknown extension ${oid}` : name);
  if (describer === undefined) return field(label, path, element, { value: hex(extnValue.content(), 32), critical });
  try {
    const { value, children = [] } = describer.describe(extension, path);
    return field(label, path, element, { value, critical, ...messages(deviationsOf(extension)), children });
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return field(label, path, element, { critical, problem: error.message });
  }
}
