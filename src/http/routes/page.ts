import { randomBytes } from 'node:crypto';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { encodingFor } from './compress.ts';
import { bannerOf } from './console.ts';
import type { Services } from './services.ts';
import type { WebFile, WebFiles } from './web-files.ts';

// A page asks for a dozen files at once: they are no flood.
const OPEN = { access: 'public', duringSetup: true, rateLimit: false } as const;
const HIDDEN = { config: OPEN, schema: { hide: true } };
const FOR_EVER = 'public, max-age=31536000, immutable';
const NONCE_PLACE = /__CSP_NONCE__/g;

/**
 * The console for whoever opens the address in a browser, whatever page of it: the page itself finds out which, and asks
 * him to sign in. Where it was not built, a page without script that says what there is.
 */
export const pageRoutes =
  (services: Services, web: WebFiles | undefined): FastifyPluginAsync =>
  async (server) => {
    server.get('/assets/:name', HIDDEN, async (request, reply) => {
      const { name } = request.params as { name: string };
      const file = await web?.file(`assets/${name}`, encodingFor(request.headers['accept-encoding']));
      return file === undefined ? reply.callNotFound() : sendFile(reply.header('Cache-Control', FOR_EVER), file);
    });
    server.get('/*', HIDDEN, async (request, reply) => {
      const path = request.url.split('?')[0]!.slice(1);
      // To be taken away and opened elsewhere: here, the policy of this site would not let it run.
      const file = path === 'index.html' ? undefined : await web?.file(path, undefined);
      if (file !== undefined) {
        return sendFile(reply.header('Content-Disposition', `attachment; filename="${path}"`), file);
      }
      if (!isPage(path, request.headers.accept)) return reply.callNotFound();
      const html = await web?.index();
      const nonce = randomBytes(16).toString('base64');
      reply.type('text/html; charset=utf-8').header('Cache-Control', 'no-store');
      if (html === undefined) return reply.send(page(await services.setup.isDone(), services));
      return reply.header('Content-Security-Policy', policy(nonce)).send(html.replaceAll(NONCE_PLACE, nonce));
    });
  };

const sendFile = (reply: FastifyReply, { bytes, type, encoding }: WebFile): FastifyReply => {
  if (encoding !== undefined) reply.header('Content-Encoding', encoding);
  return reply.type(type).header('Vary', 'Accept-Encoding').send(bytes);
};

/** What programs ask for by mistake gets a problem, not a page that says 200. */
const isPage = (path: string, accept: string | undefined): boolean =>
  !/^(?:api|assets)(?:\/|$)/.test(path) && (path === '' || accept?.includes('text/html') === true);

/** Everything from here and nothing inline, save style elements that carry the nonce of this answer. */
const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');

function page(done: boolean, { console }: Services): string {
  const { fingerprint } = console.presented();
  const banner = bannerOf(console, Date.now());
  const sections = [
    ...(banner === undefined ? [] : [`<p><strong>${escaped(banner)}</strong></p>`]),
    `<p>SHA-256 fingerprint of this server's certificate: <code>${fingerprint}</code></p>`,
    done ? READY : FIRST,
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Certgate</title></head>
<body><main><h1>Certgate</h1>
<p>The certificate gate of your appliance fleet: it refuses certificates that your appliances would not take, and says why.</p>
${sections.join('\n')}
</main></body></html>
`;
}

const FIRST = `<h2>There is no administrator yet</h2>
<p>Make one with the set-up link that the host showed at its first start (<code>certgate setup-link</code> on the host shows a new one):</p>
<pre>certgate setup 'LINK' --name YOUR-NAME --password-file FILE</pre>`;

const READY = `<h2>The API</h2>
<p>Everything works over the API at <code>/api/v1</code>; its description is <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.
To upload a certificate from the command line:</p>
<pre>certgate import --server https://THIS-SERVER:8443 --appliance NAME --crt sensor.crt --key sensor.key --chain chain.pem</pre>`;

const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
