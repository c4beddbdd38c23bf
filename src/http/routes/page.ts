import type { FastifyPluginAsync } from 'fastify';
import { bannerOf } from './console.ts';
import type { Services } from './services.ts';

const OPEN = { access: 'public', duringSetup: true } as const;

/** A page for whoever opens the address in a browser: no script, no cookie, nothing to sign in to. */
export const pageRoutes =
  (services: Services): FastifyPluginAsync =>
  async (server) => {
    for (const path of ['/', '/setup']) {
      server.get(path, { config: OPEN, schema: { hide: true } }, async (_request, reply) => {
        const done = await services.setup.isDone();
        return reply.type('text/html; charset=utf-8').send(page(done, services));
      });
    }
  };

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
