// `npm run bench -- report`: every benchmark, one after the other, into docs/benchmarks.md, with what they ran on.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The first line that a program prints about itself, or that it is not there. */
function versionOf(command, ...args) {
  const { error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  const line = `${stdout ?? ''}${stderr ?? ''}`.split('\n').find((text) => /\d\.\d|^[\da-f]{7,40}$/.test(text));
  return error === undefined && line !== undefined ? line.trim() : 'not on this machine';
}

function surroundings() {
  const packages = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const sbin = { PATH: `${process.env.PATH}:/usr/sbin` };
  Object.assign(process.env, sbin);
  return [
    [
      'machine',
      `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    ],
    ['Node', `${process.version}, with OpenSSL ${process.versions.openssl}`],
    ['certgate', `${packages.version}, commit ${versionOf('git', '-C', root, 'rev-parse', '--short', 'HEAD')}`],
    ['openssl', versionOf('openssl', 'version')],
    ['nginx', versionOf('nginx', '-v')],
    ['HAProxy', versionOf('haproxy', '-v')],
    ['stunnel', versionOf('stunnel4', '-version')],
    ['@peculiar/x509', packages.devDependencies['@peculiar/x509']],
  ];
}

export function writeReport(names) {
  const sections = names.map((name) => {
    console.log(`${name} …`);
    const { status, stdout } = spawnSync(process.execPath, [`${root}/tools/bench.mjs`, name], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 2 ** 26,
    });
    if (status !== 0) throw new Error(`the benchmark ${name} failed`);
    return `## ${name}\n\n\`npm run bench -- ${name}\`\n\n\`\`\`text\n${stdout.trimEnd()}\n\`\`\`\n`;
  });
  const facts = surroundings().map(([what, is]) => `| ${what} | ${is} |`);
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(
    `${root}/docs/benchmarks.md`,
    `# Benchmarks

One run of every benchmark, as \`npm run bench -- report\` prints it, of ${day}. Costs are CPU time (user and system) of the
process that does the work, so that other work on the machine is not in them. Figures of two machines do not compare;
the ratios to a peer, measured in the same run, do. \`baseline: same\` is the ratio that was saved in
\`bench/baseline.json\`.

| | |
|---|---|
${facts.join('\n')}

${sections.join('\n')}`,
  );
  console.log('docs/benchmarks.md is written.');
}
