import type { Report } from '../core/base/finding.ts';
import { ByteWriter } from '../core/check/byte-writer.ts';
import { createFormat, type ReportFiles, type ReportFormat, type Summary } from '../core/check/report-format.ts';
import { print } from './output.ts';
import { version } from './version.ts';

/** Prints reports as one SARIF or JUnit document, each when it comes. */
export class DocumentPrinter {
  readonly #format: ReportFormat;
  readonly #out = new ByteWriter();
  #isFirst = true;

  private constructor(format: ReportFormat) {
    this.#format = format;
    print(format.head);
  }

  /** Undefined where another format is asked for. */
  static for(flags: { readonly format: string; readonly allowUnsupported?: true }): DocumentPrinter | undefined {
    const { format, allowUnsupported = false } = flags;
    if (format !== 'sarif' && format !== 'junit') return undefined;
    return new DocumentPrinter(createFormat(format, { allowUnsupported, version: version() }));
  }

  print(report: Report, files: ReportFiles): void {
    this.#format.write(report, this.#out, files);
    const bytes = this.#out.take();
    if (bytes.length === 0) return;
    process.stdout.write(this.#isFirst ? bytes.subarray(this.#format.separator.length) : bytes);
    this.#isFirst = false;
  }

  end(summary: Summary): void {
    print(this.#format.tail(summary));
  }
}
