import { identify } from '../../core/files/identify.ts';
import { EXIT, type ExitCode, systemReason, UsageError } from '../failure.ts';
import { print, styleOf } from '../output.ts';
import { readUpTo } from '../read.ts';
import { renderComparison } from '../render/compare.ts';
import { safeJson } from '../render/text.ts';
import { compareTraits } from './compare.ts';
import { type Traits, traitsOf } from './traits.ts';

/**
 * `inspect FILE… --compare SAMPLE`: ends with 0 where every file has the fields of the sample, else with 1.
 * @throws {UsageError} where a file cannot be opened or holds no certificate and no request
 */
export async function compareWithSample(
  paths: readonly string[],
  samplePath: string,
  format: 'pretty' | 'json',
): Promise<ExitCode> {
  const sample = await traitsOfFile(samplePath);
  const comparisons = [];
  for (const path of paths) comparisons.push({ path, ...compareTraits(await traitsOfFile(path), sample) });
  if (format === 'json') print(`${safeJson({ sample: samplePath, comparisons }, 2)}\n`);
  else {
    const style = styleOf(process.stdout);
    print(comparisons.map((one) => renderComparison(style, one, { file: one.path, sample: samplePath })).join('\n'));
  }
  return comparisons.every(({ same }) => same) ? EXIT.ok : EXIT.refused;
}

async function traitsOfFile(path: string): Promise<Traits> {
  let bytes: Uint8Array;
  try {
    bytes = await readUpTo(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be opened: ${systemReason(error)}.`);
  }
  const content = identify(bytes);
  const traits = traitsOf(content);
  if (traits === undefined) {
    throw new UsageError(
      `${path} is ${content.description}; only certificates and requests are compared with a sample.`,
    );
  }
  return traits;
}
