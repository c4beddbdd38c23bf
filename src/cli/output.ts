import { EXIT, type ExitCode, UsageError } from './failure.ts';
import { type Style, styleFor } from './render/style.ts';
import { visible } from './render/text.ts';

/** The program's own streams: how they look, and how it ends when nobody reads them. */

export const styleOf = (stream: NodeJS.WriteStream): Style =>
  styleFor({
    isTerminal: stream.isTTY === true,
    columns: stream.isTTY ? stream.columns : undefined,
    environment: process.env,
  });

export const print = (text: string): void => void process.stdout.write(text);

/** A remark that is not part of the answer. */
export function note(text: string): void {
  const style = styleOf(process.stderr);
  process.stderr.write(`${style.paint('dim', `certgate: ${visible(text)}`)}\n`);
}

/** Says on stderr, in a line and its details, why the run ends, and gives its exit code. CERTGATE_DEBUG=1 adds the stack. */
export function complain(error: unknown): ExitCode {
  const style = styleOf(process.stderr);
  const isUsage = error instanceof UsageError;
  const message = error instanceof Error ? error.message : String(error);
  const line =
    isUsage || error instanceof OutputError
      ? message
      : `Certgate itself failed (${message}). That says nothing about your files; CERTGATE_DEBUG=1 shows where.`;
  process.stderr.write(`${style.paint('red', 'certgate:')} ${visible(line)}\n`);
  if (isUsage) for (const detail of error.details) process.stderr.write(`  ${visible(detail)}\n`);
  if ((process.env['CERTGATE_DEBUG'] ?? '') !== '' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return isUsage ? EXIT.usage : EXIT.failure;
}

/** The output could not be written: neither the user's mistake nor ours. */
class OutputError extends Error {
  override readonly name = 'OutputError';

  constructor(code: string | undefined) {
    const reason = code === 'ENOSPC' ? 'no space is left on the device' : `the system says ${code ?? 'nothing'}`;
    super(`the output cannot be written (${reason}); what was written until then is not complete.`);
  }
}

/** `certgate … | head`: the reader has what it wanted; that is no failure. */
export function endQuietlyWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') process.exit();
      throw stream === process.stdout ? new OutputError(error.code) : error;
    });
  }
}

const PATIENCE_MS = 1000;

/** A line on stderr that counts up; only on a terminal, and only when the work takes over a second. */
export class Progress {
  readonly #total: number;
  readonly #what: string;
  readonly #started = performance.now();
  #shown = false;

  constructor(total: number, what: string) {
    this.#total = total;
    this.#what = what;
  }

  at(done: number): void {
    if (process.stderr.isTTY !== true || performance.now() - this.#started < PATIENCE_MS) return;
    this.#shown = true;
    process.stderr.write(`\r\u001b[K${done} of ${this.#total} ${this.#what}`);
  }

  end(): void {
    if (this.#shown) process.stderr.write('\r\u001b[K');
  }
}
