/** One thing that is measured: `run` does it `count` times. */
export interface Contender {
  readonly name: string;
  readonly count: number;
  /** May say itself what it cost, in µs of CPU for all `count`, where the work is done by another process. */
  readonly run: () => void | number;
  /** How often after warming up; default 9. */
  readonly rounds?: number;
}

export interface Measured {
  readonly name: string;
  /** µs of CPU (user and system, this process or the one started) for one. */
  readonly micros: number;
}

export interface Bench {
  /** What one is. */
  readonly unit: string;
  /** Ours come first: the others are compared with the one named here. */
  readonly reference: string;
  readonly contenders: readonly Contender[];
  /** What else is worth saying when all are measured. */
  readonly remarks?: (measured: readonly Measured[]) => readonly string[];
}

const ROUNDS = 9;

/** The median of rounds, after one for warming up. Wall time is not used: other work on the machine would be in it. */
export function measure({ name, count, run, rounds: wanted = ROUNDS }: Contender): Measured {
  run();
  const rounds: number[] = [];
  for (let round = 0; round < wanted; round++) {
    const before = process.cpuUsage();
    const said = run();
    const { user, system } = process.cpuUsage(before);
    rounds.push((said ?? user + system) / count);
  }
  return { name, micros: rounds.toSorted((a, b) => a - b)[wanted >> 1] ?? Number.NaN };
}

/** Name → µs, as saved in bench/baseline.json. */
export type Baseline = Readonly<Record<string, number>>;

/** Figures of different machines do not compare; the ratios to a peer of the same run do. */
export function table(measured: readonly Measured[], reference: string, baseline: Baseline | undefined): string {
  const unit = measured.find(({ name }) => name === reference)?.micros ?? Number.NaN;
  const base = baseline?.[reference];
  const rows = measured.map(({ name, micros }) => {
    const saved = baseline?.[name];
    const ratio = micros / unit;
    return [
      name,
      micros.toFixed(2),
      `${ratio.toFixed(ratio < 10 ? 2 : 0)} ×`,
      saved === undefined || base === undefined ? '–' : `${(saved / base).toFixed(saved / base < 10 ? 2 : 0)} ×`,
      saved === undefined ? '–' : `${(micros / saved).toFixed(2)} ×`,
    ];
  });
  const head = ['', 'µs CPU each', `to ${reference}`, 'baseline: same', 'now to baseline'];
  const widths = head.map((cell, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? cell).length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return [head, ...rows].map(line).join('\n');
}
