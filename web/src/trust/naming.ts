/** The CN of a distinguished name (RFC 4514), or what comes nearest: what people call a CA by. */
export function commonName(subject: string): string {
  const parts = subject.split(/(?<!\\),\s*/);
  for (const type of ['CN', 'OU', 'O']) {
    const part = parts.find((part) => part.startsWith(`${type}=`));
    if (part !== undefined) return part.slice(type.length + 1).replaceAll(/\\(.)/g, '$1');
  }
  return subject;
}

/** `12.4 MB`. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${value.toLocaleString('en', { maximumFractionDigits: 1 })} ${unit}`;
}
