import type { Finding, Location, Report, Status } from '../base/finding.ts';
import { type ByteWriter, encodeText, harmlessJson } from './byte-writer.ts';

// Findings of one rule share most of their text. What a rule says anew each time is written each time, the rest is
// kept as bytes. Above this many kinds, e.g. where a rule demands something else of every certificate, no more.
const REQUIRED_LIMIT = 1024;
// These are searched one by one.
const LIST_LIMIT = 8;
// A text that quotes a name of a megabyte comes once, and would only fill the memory.
const LONGEST_KEPT = 4096;

/** Everything after the message: texts of the rule itself, the same from finding to finding. */
interface Tail {
  readonly fix: string | undefined;
  readonly applianceSays: string | undefined;
  readonly clientsSay: string | undefined;
  readonly bytes: Uint8Array;
}

/** Where a finding points to, up to its offset; with the rule and the status before it. */
interface Start {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What follows the location of findings whose texts are all the same. */
interface Whole {
  readonly of: Finding;
  readonly bytes: Uint8Array;
}

/** A text that came as a constant of its rule, and will again. */
interface Phrase {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** What is known of a rule's findings with one status. */
interface Known {
  readonly start: Uint8Array;
  readonly starts: Start[];
  readonly wholes: Whole[];
  readonly phrases: Phrase[];
  readonly tails: Tail[];
}

/** What stands between the name of a bundle and its findings. */
interface Head {
  readonly of: Report;
  readonly bytes: Uint8Array;
}

const LOCATION = encodeText(',"location":');
const CERTIFICATE = encodeText(',"location":{"file":"crt"');
const FOUND = encodeText(',"found":');
const MESSAGE = encodeText(',"message":');
const OFFSET = encodeText(',"offset":');
const LENGTH = encodeText(',"length":');
const COMMA = encodeText(',');
const CLOSE = encodeText('}');
const END = encodeText(']}');

/**
 * Writes reports as JSON, the same text as `JSON.stringify` but harmless on a terminal, in a fraction of its time.
 * Keeps what recurs, so make one and use it for a whole run.
 */
export class JsonReportWriter {
  readonly #rules = new Map<string, Partial<Record<Status, Known>>>();
  readonly #required = new Map<string, Uint8Array>();
  readonly #heads: Head[] = [];

  /** What follows the name of the bundle, the first field. */
  writeRest(report: Report, out: ByteWriter): void {
    out.raw(this.#headOf(report));
    const { findings } = report;
    for (let i = 0; i < findings.length; i++) {
      if (i > 0) out.raw(COMMA);
      this.#finding(findings[i]!, out);
    }
    out.raw(END);
  }

  #headOf(report: Report): Uint8Array {
    for (const { of, bytes } of this.#heads) if (sameHead(of, report)) return bytes;
    const { profile, at, trust, verdict, complete, notChecked, lowered } = report;
    const fields = harmlessJson({ profile, at, trust, verdict, complete, notChecked, lowered });
    const bytes = encodeText(`,${fields.slice(1, -1)},"findings":[`);
    if (this.#heads.length < LIST_LIMIT) this.#heads.push({ of: { ...report, findings: [] }, bytes });
    return bytes;
  }

  #finding(finding: Finding, out: ByteWriter): void {
    const known = this.#knownOf(finding);
    const { wholes } = known;
    writeStart(known, finding.location, out);
    for (const whole of wholes) if (sameTexts(whole.of, finding)) return out.raw(whole.bytes);
    const start = out.length;
    this.#texts(finding, known, out);
    if (wholes.length < LIST_LIMIT && out.length - start <= LONGEST_KEPT) {
      wholes.push({ of: finding, bytes: out.since(start) });
    }
  }

  #texts(finding: Finding, known: Known, out: ByteWriter): void {
    const { found, required, message } = finding;
    if (found !== undefined) {
      out.raw(FOUND);
      writePhrase(known, found, out);
    }
    out.raw(required === undefined ? MESSAGE : this.#requiredOf(required));
    writePhrase(known, message, out);
    out.raw(tailOf(finding, known.tails));
  }

  #knownOf({ rule, status }: Finding): Known {
    let statuses = this.#rules.get(rule);
    if (statuses === undefined) this.#rules.set(rule, (statuses = {}));
    return (statuses[status] ??= {
      start: encodeText(harmlessJson({ rule, status }).slice(0, -1)),
      starts: [],
      wholes: [],
      phrases: [],
      tails: [],
    });
  }

  #requiredOf(required: string): Uint8Array {
    let bytes = this.#required.get(required);
    if (bytes === undefined) {
      bytes = encodeText(`,"required":${harmlessJson(required)},"message":`);
      if (this.#required.size < REQUIRED_LIMIT) this.#required.set(required, bytes);
    }
    return bytes;
  }
}

function writeStart(known: Known, location: Location | undefined, out: ByteWriter): void {
  if (location === undefined) return out.raw(known.start);
  const { file, block, path, offset, length } = location;
  if (file === 'crt' && block === undefined && path !== undefined && offset !== undefined) {
    out.raw(startOf(known, path));
  } else if (file === 'crt' && block === undefined && path === undefined && offset === undefined) {
    out.raw(known.start);
    out.raw(CERTIFICATE);
  } else {
    out.raw(known.start);
    out.raw(LOCATION);
    out.raw(place({ file, block, path }));
    if (offset !== undefined) out.raw(OFFSET);
  }
  if (offset !== undefined) out.number(offset);
  if (length !== undefined) {
    out.raw(LENGTH);
    out.number(length);
  }
  out.raw(CLOSE);
}

function startOf({ start, starts }: Known, path: string): Uint8Array {
  for (const known of starts) if (known.path === path) return known.bytes;
  const parts = [start, LOCATION, place({ file: 'crt', block: undefined, path }), OFFSET];
  const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
  if (starts.length < LIST_LIMIT) starts.push({ path, bytes });
  return bytes;
}

/** Texts of unequal length are told apart at once, so looking for one that is new each time costs next to nothing. */
function writePhrase({ phrases }: Known, text: string, out: ByteWriter): void {
  for (const phrase of phrases) if (phrase.text === text) return out.raw(phrase.bytes);
  if (phrases.length < LIST_LIMIT && text.length <= LONGEST_KEPT)
    phrases.push({ text, bytes: encodeText(harmlessJson(text)) });
  out.json(text);
}

/** A location without its offset and end. */
const place = (fields: { [K in keyof Location]: Location[K] | undefined }): Uint8Array =>
  encodeText(harmlessJson(fields).slice(0, -1));

// Equal texts of one rule are one text in nearly all cases, and unequal ones of unequal length.
const sameTexts = (a: Finding, b: Finding): boolean =>
  a.message === b.message &&
  a.found === b.found &&
  a.required === b.required &&
  a.fix === b.fix &&
  a.applianceSays === b.applianceSays &&
  a.clientsSay === b.clientsSay;

const sameHead = (a: Report, b: Report): boolean =>
  a.verdict === b.verdict &&
  a.trust === b.trust &&
  a.profile === b.profile &&
  a.at === b.at &&
  sameNames(a.notChecked, b.notChecked) &&
  sameNames(a.lowered, b.lowered);

const sameNames = (a: readonly string[] = [], b: readonly string[] = []): boolean =>
  a === b || (a.length === b.length && a.every((name, i) => name === b[i]));

function tailOf({ fix, applianceSays, clientsSay, source }: Finding, tails: Tail[]): Uint8Array {
  for (const tail of tails) {
    if (tail.fix === fix && tail.applianceSays === applianceSays && tail.clientsSay === clientsSay) return tail.bytes;
  }
  const fields = harmlessJson({ fix, applianceSays, clientsSay, source }).slice(1);
  const bytes = encodeText(fields === '}' ? fields : `,${fields}`);
  if (tails.length < LIST_LIMIT && bytes.length <= LONGEST_KEPT) tails.push({ fix, applianceSays, clientsSay, bytes });
  return bytes;
}
