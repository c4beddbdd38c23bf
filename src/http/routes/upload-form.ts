import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RequestError } from './problems.ts';

/** The files of a bundle and the text beside them. `wipe` zeroes the key. */
export interface UploadForm {
  readonly crt: Uint8Array;
  readonly key: Uint8Array | undefined;
  readonly chain: Uint8Array | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  wipe(): void;
}

const FILES = ['crt', 'key', 'chain'] as const;
type FileField = (typeof FILES)[number];

/**
 * Reads a bundle as browsers and curl send it (multipart/form-data), or as programs do (JSON, each file as PEM text or as
 * Base64 of DER).
 * @throws {RequestError}
 */
export async function readUploadForm(request: FastifyRequest): Promise<UploadForm> {
  const { files, fields } = request.isMultipart() ? await fromMultipart(request) : fromJson(request.body);
  const { crt, key, chain } = files;
  if (crt === undefined) {
    throw new RequestError(422, 'invalid-request', 'The certificate is missing: send it as the field crt.');
  }
  return { crt, key, chain, fields, wipe: () => key?.fill(0) };
}

interface Parts {
  readonly files: Partial<Record<FileField, Uint8Array>>;
  readonly fields: Record<string, unknown>;
}

async function fromMultipart(request: FastifyRequest): Promise<Parts> {
  const parts: Parts = { files: {}, fields: {} };
  for await (const part of request.parts()) {
    if (part.type === 'field') parts.fields[part.fieldname] = part.value;
    else if (isFile(part.fieldname)) parts.files[part.fieldname] = await part.toBuffer();
    else
      throw new RequestError(
        422,
        'invalid-request',
        `There is no file field ${part.fieldname}; there are ${FILES.join(', ')}.`,
      );
  }
  // A file sent as plain text field: curl without the @.
  for (const name of FILES) {
    const value = parts.fields[name];
    if (typeof value === 'string') {
      parts.files[name] ??= textBytes(value);
      delete parts.fields[name];
    }
  }
  return parts;
}

const jsonSchema = z.looseObject({ crt: z.string(), key: z.string().optional(), chain: z.string().optional() });

function fromJson(body: unknown): Parts {
  const parsed = jsonSchema.safeParse(body);
  if (!parsed.success) {
    throw new RequestError(
      422,
      'invalid-request',
      'Send crt, and where there are key and chain, as PEM text or Base64 of DER.',
    );
  }
  const { crt, key, chain, ...fields } = parsed.data;
  const files: Parts['files'] = { crt: textBytes(crt) };
  if (key !== undefined) files.key = textBytes(key);
  if (chain !== undefined) files.chain = textBytes(chain);
  return { files, fields };
}

const isFile = (name: string): name is FileField => (FILES as readonly string[]).includes(name);

const BASE64 = /^[A-Za-z0-9+/\s]+=*\s*$/;
/** PEM text, or Base64 of DER. */
export const textBytes = (text: string): Uint8Array =>
  BASE64.test(text) && !text.includes('-----') ? Buffer.from(text, 'base64') : Buffer.from(text, 'utf8');
