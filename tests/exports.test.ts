import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as library from '../src/index.ts';
import { parse, readTree, type SyntaxNode } from './architecture/sources.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Names as others import them, types marked. */
function exportedNames(program: SyntaxNode): string[] {
  const statements = (program['body'] as SyntaxNode[]).filter(({ type }) => type.startsWith('Export'));
  return statements.flatMap((statement) => {
    expect(statement.type, 'every name is spelt out').toBe('ExportNamedDeclaration');
    const declared = statement['declaration'] as SyntaxNode | null;
    if (declared !== null) return [nameOf(declared['id'])];
    return (statement['specifiers'] as SyntaxNode[]).map((specifier) => {
      const isType = statement['exportKind'] === 'type' || specifier['exportKind'] === 'type';
      return `${isType ? 'type ' : ''}${nameOf(specifier['exported'])}`;
    });
  });
}

const nameOf = (identifier: unknown): string => (identifier as { name: string }).name;

test('the library exports these names; a change here changes the interface and belongs in CHANGELOG.md', () => {
  const index = readTree(root, 'src').find(({ path }) => path === 'src/index.ts');
  const names = exportedNames(parse(index!).program).toSorted();
  expect(names.filter((name) => !name.startsWith('type '))).toEqual(Object.keys(library).toSorted());
  expect(names).toMatchInlineSnapshot(`
    [
      "Certificate",
      "CheckOptionsError",
      "DerError",
      "ProfileError",
      "check",
      "createValidator",
      "openCrl",
      "parseCertificate",
      "parseCrl",
      "type BundleFiles",
      "type CertificateList",
      "type ChainInput",
      "type CheckOptions",
      "type DerErrorCode",
      "type Finding",
      "type Location",
      "type OpenCrl",
      "type PathResult",
      "type PathValidator",
      "type Profile",
      "type Report",
      "type Source",
      "type Status",
      "type Trust",
      "type ValidatorOptions",
      "type Verdict",
      "validatePath",
    ]
  `);
});
