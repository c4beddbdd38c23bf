/** DER taken apart and put together again, to make what openssl refuses to make. */
export interface Tlv {
  tag: number;
  /** Children of a constructed value, else the content. */
  value: Tlv[] | Uint8Array;
}

export function parseTlv(bytes: Uint8Array): Tlv {
  return readAll(bytes)[0]!;
}

function readAll(bytes: Uint8Array): Tlv[] {
  const list: Tlv[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at]!;
    let length = bytes[at + 1]!;
    let header = 2;
    if (length >= 0x80) {
      const octets = length & 0x7f;
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + bytes[at + 2 + i]!;
      header += octets;
    }
    const content = bytes.subarray(at + header, at + header + length);
    list.push({ tag, value: tag & 0x20 ? readAll(content) : content });
    at += header + length;
  }
  return list;
}

export function encodeTlv({ tag, value }: Tlv): Uint8Array {
  const content = Array.isArray(value) ? Buffer.concat(value.map(encodeTlv)) : value;
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.from([tag, ...size]), content]);
}

export const seq = (...value: Tlv[]): Tlv => ({ tag: 0x30, value });
export const set = (...value: Tlv[]): Tlv => ({ tag: 0x31, value });
export const raw = (tag: number, value: Uint8Array | string | number[]): Tlv => ({
  tag,
  value: typeof value === 'string' ? Buffer.from(value) : Uint8Array.from(value),
});

/** An OBJECT IDENTIFIER from its content octets in hex. */
export const oid = (hex: string): Tlv => ({ tag: 0x06, value: Buffer.from(hex, 'hex') });

/** One RDN with one attribute; `oidHex` as for `oid`, UTF8String unless told otherwise. */
export const rdn = (oidHex: string, text: string, tag = 0x0c): Tlv => set(seq(oid(oidHex), raw(tag, text)));

/** The children of a constructed value. */
export function inside(tlv: Tlv | undefined): Tlv[] {
  if (tlv === undefined || !Array.isArray(tlv.value)) throw new Error('no constructed value');
  return tlv.value;
}

/** The fields of a version 3 TBSCertificate by name. */
export const TBS = {
  version: 0,
  serial: 1,
  signature: 2,
  issuer: 3,
  validity: 4,
  subject: 5,
  spki: 6,
  extensions: 7,
} as const;

/** The list of Extension in a TBSCertificate. */
export const extensionsOf = (tbs: Tlv): Tlv[] => inside(inside(inside(tbs)[TBS.extensions])[0]);

export const extension = (oidHex: string, critical: boolean | 'spelled-out-false', value: Uint8Array): Tlv =>
  seq(oid(oidHex), ...(critical === false ? [] : [raw(0x01, [critical === true ? 0xff : 0])]), { tag: 0x04, value });
