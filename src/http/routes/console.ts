import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { consoleSchema } from '../contract/console.ts';
import { toTime } from '../contract/values.ts';
import type { ConsoleView, Services } from './services.ts';

const config = { access: 'public', duringSetup: true } as const;

/** What any client sees in the handshake anyway, and what is wrong with it. */
export const consoleRoutes =
  ({ console }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get('/console', { config, schema: { response: { 200: consoleSchema } } }, async () => {
      const { fingerprint, origin, subject, notAfter } = console.presented();
      const banner = bannerOf(console, Date.now());
      return { fingerprint, origin, subject, notAfter: toTime(notAfter), ...(banner !== undefined && { banner }) };
    });
  };

/** What everybody who uses the console should know about its certificate; undefined where all is well. */
export function bannerOf(console: ConsoleView, now: number): string | undefined {
  const { origin, notAfter } = console.presented();
  const day = toTime(notAfter).slice(0, 10);
  if (origin === 'emergency') {
    return "The console's own certificate cannot be loaded; a self-signed one stands in. Upload a certificate for the appliance console, or run on the host: certgate recover --certificate";
  }
  if (notAfter < now) {
    return `The console's certificate expired on ${day}. The console stays open so that you can upload another for the appliance console.`;
  }
  if (origin === 'self-signed') {
    return 'The console has a self-signed certificate: compare its fingerprint with the one that the host printed, and upload one from your CA for the appliance console.';
  }
  return undefined;
}
