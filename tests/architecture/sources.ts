import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { parseSync } from 'vite';

/** A source file as the checks see it; `path` is relative to the root, with slashes. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** An ESTree node, or a field of one. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface Import {
  /** As written: `./a.ts`, `node:fs`, `yaml`. */
  readonly specifier: string;
  /** Only types cross; nothing of it is left at run time. */
  readonly typeOnly: boolean;
  readonly line: number;
}

export interface Source extends SourceText {
  readonly program: SyntaxNode;
  readonly imports: readonly Import[];
}

export const isTest = (path: string): boolean => path.endsWith('.test.ts') || path.endsWith('.test.tsx');

/** All TypeScript below a folder of the project, tests included; nothing when the folder does not exist. */
export function readTree(root: string, folder: string): SourceText[] {
  let entries;
  try {
    entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter((entry) => entry.isFile() && /(?<!\.d)\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => ({ path: relative(root, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }));
}

export function parse({ path, text }: SourceText): Source {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const root = program as unknown as SyntaxNode;
  return { path, text, program: root, imports: importsOf(root, text) };
}

export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';

/** Every node below and including `node`, parents first. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode, parent: SyntaxNode | undefined) => void): void {
  const step = (current: SyntaxNode, parent: SyntaxNode | undefined): void => {
    visit(current, parent);
    for (const value of Object.values(current)) {
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value])
        if (isNode(child)) step(child, current);
    }
  };
  step(node, undefined);
}

const literal = (value: unknown): string | undefined =>
  isNode(value) && value.type === 'Literal' && typeof value['value'] === 'string' ? value['value'] : undefined;

/** `import`, `export … from`, `import()`, `import('…').Type`, and workers started with `new URL('./x', import.meta.url)`. */
function importsOf(program: SyntaxNode, text: string): Import[] {
  const found: Import[] = [];
  walk(program, (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) found.push({ specifier, typeOnly: isTypeOnly(node), line: lineOf(text, node.start) });
  });
  return found;
}

function specifierOf(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return literal(node['source'] ?? node['argument']);
    case 'NewExpression': {
      const { name } = node['callee'] as { name?: string };
      const target = literal((node['arguments'] as SyntaxNode[])[0]);
      return name === 'URL' && target !== undefined && /^\.{1,2}\/.*\.m?[jt]s$/.test(target) ? target : undefined;
    }
    default:
      return undefined;
  }
}

function isTypeOnly(node: SyntaxNode): boolean {
  if (node.type === 'TSImportType') return true;
  if (node['importKind'] === 'type' || node['exportKind'] === 'type') return true;
  const specifiers = (node['specifiers'] ?? []) as SyntaxNode[];
  return (
    specifiers.length > 0 &&
    specifiers.every((specifier) => specifier['importKind'] === 'type' || specifier['exportKind'] === 'type')
  );
}
