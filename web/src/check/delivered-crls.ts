import type { CrlReply, CrlSource } from '../../../src/core/base/ports.ts';
import type { OpenCrl } from '../../../src/core/revocation/open-crl.ts';

/** A reply of the server, its CRL opened. */
export type DeliveredCrl = CrlReply<OpenCrl>;

/** Hands out what the server fetched for this page; a URL that it was not asked for has not been tried. */
export function deliveredCrls(replies: readonly DeliveredCrl[], at: string): CrlSource<OpenCrl> {
  const seconds = Math.floor(Date.parse(at) / 1000);
  return {
    now: () => seconds,
    fetch({ url, judge }) {
      const reply = replies.find((one) => one.url === url);
      if (reply === undefined) return Promise.resolve(notAsked(url));
      const problem = reply.crl && judge(reply.crl);
      if (problem === undefined) return Promise.resolve(reply);
      return Promise.resolve({ url, crl: undefined, from: undefined, failure: reply.failure ?? { ...problem, url } });
    },
  };
}

const notAsked = (url: string): DeliveredCrl => ({
  url,
  crl: undefined,
  from: undefined,
  failure: {
    code: 'unreachable',
    url,
    message: 'The server was not asked for this CRL.',
    fix: 'Check again; the server fetches it when you upload.',
  },
});
