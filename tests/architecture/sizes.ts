import type { Source, SyntaxNode } from './sources.ts';
import { isTest, lineOf, walk } from './sources.ts';

export const LIMITS = { fileLines: 400, ruleLines: 120, functionLines: 60, parameters: 4 } as const;

/** `what`: a file, or `file#function`. */
export interface Oversize {
  readonly what: string;
  readonly limit: keyof typeof LIMITS;
  readonly actual: number;
}

export interface Exception {
  readonly what: string;
  readonly limit: keyof typeof LIMITS;
  readonly reason: string;
}

/** What is over a limit; tests and data tables are not measured. */
export function oversizes(sources: readonly Source[]): Oversize[] {
  return sources
    .filter(({ path }) => !isTest(path) && !path.endsWith('.data.ts'))
    .flatMap((source) => [...fileSize(source), ...functionSizes(source)]);
}

function fileSize({ path, text }: Source): Oversize[] {
  const limit = /^src\/core\/requirements\/rules\/[^/]+\//.test(path) ? 'ruleLines' : 'fileLines';
  const actual = text.trimEnd().split('\n').length;
  return actual > LIMITS[limit] ? [{ what: path, limit, actual }] : [];
}

function functionSizes({ path, text, program }: Source): Oversize[] {
  const found: Oversize[] = [];
  walk(program, (node, parent) => {
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) return;
    const what = `${path}#${nameOf(node, parent)}`;
    const lines = lineOf(text, node.end) - lineOf(text, node.start) + 1;
    if (lines > LIMITS.functionLines) found.push({ what, limit: 'functionLines', actual: lines });
    const parameters = (node['params'] as unknown[]).length;
    if (parameters > LIMITS.parameters) found.push({ what, limit: 'parameters', actual: parameters });
  });
  return found;
}

function nameOf(node: SyntaxNode, parent: SyntaxNode | undefined): string {
  for (const holder of [node['id'], parent?.['id'], parent?.['key'], parent?.['left']]) {
    const { name } = (holder ?? {}) as { name?: unknown };
    if (typeof name === 'string') return name;
  }
  return 'anonymous';
}

/** Both directions: what is too big without a listed reason, and what is listed without need. */
export function unexplained(found: readonly Oversize[], exceptions: readonly Exception[]): string[] {
  const same = (a: Exception | Oversize, b: Exception | Oversize): boolean => a.what === b.what && a.limit === b.limit;
  const tooBig = found
    .filter((size) => !exceptions.some((exception) => same(exception, size)))
    .map(({ what, limit, actual }) => `${what}: ${limit} is ${actual}, at most ${LIMITS[limit]}`);
  const stale = exceptions
    .filter((exception) => !found.some((size) => same(exception, size)))
    .map(({ what, limit }) => `${what}: no longer over ${limit}, take it out of architecture-exceptions.json`);
  const unreasoned = exceptions
    .filter(({ reason }) => reason.trim().length < 10)
    .map(({ what }) => `${what}: no reason given`);
  return [...tooBig, ...stale, ...unreasoned];
}

/** Folders whose name says nothing about what is in them. */
export function vagueFolders(paths: readonly string[]): string[] {
  return paths.filter((path) => /(^|\/)(utils?|helpers?|common|misc|shared)\//i.test(path));
}
