import type { Source, SyntaxNode } from './sources.ts';
import { isTest, lineOf, walk } from './sources.ts';

// What Node (or a browser) has and core may not use. What both have and core may use is declared in
// src/core/platform.d.ts; a name bound in the file itself (a parameter called `crypto`) is not the global.
const FORBIDDEN = new Set(
  (
    'Buffer process require module exports console __dirname __filename global globalThis window document self ' +
    'setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask fetch crypto performance ' +
    'navigator localStorage XMLHttpRequest WebSocket Worker SharedArrayBuffer Atomics eval'
  ).split(' '),
);

/** What also runs in a browser. */
const PURE = ['src/core/', 'src/making/encode/'];

/** Uses of the outside world, the clock and chance in what is pure, one sentence each. */
export function impurities(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => PURE.some((folder) => path.startsWith(folder)) && !isTest(path))
    .flatMap((source) => {
      const bound = boundNames(source.program);
      // A set: in `{ setTimeout }` key and value are two nodes.
      const found = new Set<string>();
      walk(source.program, (node, parent) => {
        const what = clockOrChance(node) ?? forbiddenGlobal(node, parent, bound);
        if (what !== undefined) found.add(`${source.path}:${lineOf(source.text, node.start)} uses ${what}`);
      });
      return [...found];
    });
}

function clockOrChance(node: SyntaxNode): string | undefined {
  const isDate = (callee: unknown): boolean => (callee as SyntaxNode)['name'] === 'Date';
  if (node.type === 'NewExpression' && isDate(node['callee']) && (node['arguments'] as unknown[]).length === 0)
    return 'new Date() without a time';
  if (node.type === 'CallExpression' && isDate(node['callee'])) return 'Date()';
  if (node.type !== 'MemberExpression') return undefined;
  const object = (node['object'] as SyntaxNode)['name'];
  const property = node['property'] as SyntaxNode;
  const member = `${String(object)}.${String(property['name'] ?? property['value'])}`;
  return member === 'Date.now' || member === 'Math.random' ? member : undefined;
}

function forbiddenGlobal(
  node: SyntaxNode,
  parent: SyntaxNode | undefined,
  bound: ReadonlySet<string>,
): string | undefined {
  if (node.type !== 'Identifier') return undefined;
  const name = node['name'] as string;
  return FORBIDDEN.has(name) && !bound.has(name) && !isOnlyAName(node, parent) ? name : undefined;
}

/** A property, key, label or member of a type: `subject.process`, `{ module: 1 }`. */
function isOnlyAName(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (parent === undefined) return false;
  if (parent.type === 'MemberExpression') return parent['property'] === node && parent['computed'] !== true;
  if (parent['key'] === node) return parent['computed'] !== true && parent['shorthand'] !== true;
  // Parameters of function types and tuple members are names for the reader only.
  return /^TS(FunctionType|MethodSignature|CallSignature|NamedTupleMember|QualifiedName|ConstructorType)/.test(
    parent.type,
  );
}

function boundNames(program: SyntaxNode): Set<string> {
  const bound = new Set<string>();
  const bind = (pattern: unknown): void => {
    if (pattern === null || typeof pattern !== 'object') return;
    const node = pattern as SyntaxNode;
    if (node.type === 'Identifier') bound.add(node['name'] as string);
    else if (node.type === 'AssignmentPattern') bind(node['left']);
    else if (node.type === 'RestElement') bind(node['argument']);
    else if (node.type === 'ArrayPattern') for (const element of node['elements'] as unknown[]) bind(element);
    else if (node.type === 'ObjectPattern')
      for (const property of node['properties'] as SyntaxNode[]) bind(property['value'] ?? property);
  };
  walk(program, (node) => {
    if (node.type === 'VariableDeclarator' || /^(Function|Class)Declaration$/.test(node.type)) bind(node['id']);
    if (/^Import.*Specifier$/.test(node.type)) bind(node['local']);
    if (node.type === 'CatchClause') bind(node['param']);
    if (Array.isArray(node['params'])) for (const parameter of node['params'] as unknown[]) bind(parameter);
  });
  return bound;
}
