import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const web = join(root, 'web');

const sha256 = (text) => createHash('sha256').update(text, 'utf8').digest('base64');

/** The engine's worker becomes part of the script: there is nobody to ask for another file. */
const inlineWorker = {
  name: 'inline-worker',
  enforce: 'pre',
  resolveId: (source) =>
    source.endsWith('/start-worker.ts') ? join(web, 'src/check/start-worker.inline.ts') : undefined,
};

/**
 * Preflight as one HTML file that needs no network, no server and no other file, and can reach none: its policy allows
 * its own script, by its hash, its own styles, and a worker made of itself; nothing else, no connection at all.
 */
export async function offlinePage() {
  const { output } = await build({
    configFile: false,
    root: web,
    mode: 'offline',
    logLevel: 'warn',
    plugins: [inlineWorker, react()],
    // A classic script: what a page opened as a file may start as a worker.
    worker: { format: 'iife' },
    build: {
      write: false,
      target: 'es2023',
      cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 3000,
      reportCompressedSize: false,
      cssCodeSplit: false,
      rolldownOptions: { input: join(web, 'src/preflight/offline.tsx'), output: { codeSplitting: false } },
    },
  });
  const scripts = output.filter(({ type }) => type === 'chunk');
  const styles = output.filter(({ fileName }) => fileName.endsWith('.css'));
  const others = output.filter((one) => !scripts.includes(one) && !styles.includes(one));
  if (scripts.length !== 1 || others.length > 0) {
    throw new Error(`the offline page must be one script; found ${output.map(({ fileName }) => fileName).join(', ')}`);
  }
  // Inside <script>, "</script" and "<!--" would end it or begin a comment.
  const script = scripts[0].code.replaceAll(/<\/(?=script)/gi, '<\\/').replaceAll('<!--', '\\x3C!--');
  const style = styles.map(({ source }) => source).join('\n');
  return page(script, style);
}

function page(script, style) {
  const icon = /href="(data:image\/svg\+xml,[^"]+)"/.exec(readFileSync(join(web, 'index.html'), 'utf8'))[1];
  // What Mantine adds to the page at run time carries it. It never changes, for the page never does.
  const nonce = sha256(script + style);
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${sha256(script)}'`,
    `style-src 'nonce-${nonce}'`,
    'worker-src blob:',
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta property="csp-nonce" nonce="${nonce}">
<link rel="icon" href="${icon}">
<title>Preflight · Certgate</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<div id="root"></div>
<noscript>This page checks certificates with JavaScript, which is switched off here.</noscript>
<script type="module">${script}</script>
</body>
</html>
`;
}
