import { type Logger, pino } from 'pino';

export type { Logger };

/** One JSON object a line on stderr; on a terminal only what somebody should look at. */
export function createLogger(level: string | undefined): Logger {
  const usual = process.stderr.isTTY ? 'warn' : 'info';
  return pino(
    { name: 'certgate', level: level ?? usual, redact: ['req.headers', 'password', 'passphrase', 'token'] },
    pino.destination({ dest: 2, sync: true }),
  );
}
