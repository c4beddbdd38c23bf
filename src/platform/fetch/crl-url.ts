import { forbiddenName, isListed, type FetchPolicy } from './address-guard.ts';
import { FetchFailure, shownUrl } from './failure.ts';

/**
 * A URL that may be asked, so far as its text tells; the address it leads to is looked at when it is known.
 * @throws {FetchFailure}
 */
export function readCrlUrl(text: string): URL {
  if (!URL.canParse(text)) {
    throw new FetchFailure(
      'url-malformed',
      `"${shownUrl(text)}" is no URL that can be asked.`,
      'Have the certificate issued with a distribution point like http://crl.contoso.com/ca.crl.',
    );
  }
  const url = new URL(text);
  if (url.protocol === 'https:') throw httpsFailure(url);
  if (url.protocol !== 'http:') {
    throw new FetchFailure(
      'scheme',
      `The CRL location begins with ${url.protocol}, and CRLs are fetched over http:// only.`,
      'Have the CA publish the CRL at an http:// URL and name that one in its certificates, too.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new FetchFailure(
      'user-info',
      `The CRL location at ${url.host} carries a user name or password. It stands in the certificate, where all can read it.`,
      'Publish the CRL without a password (a CRL is public), and have the certificate name that URL.',
    );
  }
  return url;
}

function httpsFailure(url: URL): FetchFailure {
  const plain = `http://${url.host}${url.pathname}`;
  return new FetchFailure(
    'https',
    `The CRL location begins with https:// where http:// is required: to trust the CRL server's own certificate one would need a CRL first.`,
    `Have the CA publish the CRL at ${shownUrl(plain)} (a CRL is signed, it needs no TLS) and name that URL in the certificate.`,
  );
}

/**
 * Whether this host may be asked at all, by its name and by who named it.
 * @throws {FetchFailure}
 */
export function guardHost(url: URL, policy: FetchPolicy, anchored: boolean): void {
  if (isListed(url.hostname, policy)) return;
  if (policy.anchoredOnly && !anchored) {
    throw new FetchFailure(
      'forbidden',
      `${url.hostname} is not asked: the certificate that names it does not lead to a configured trust anchor, so anybody could have written it.`,
      `Add the CA as a trust anchor, or list ${url.hostname} among the hosts that CRLs may come from.`,
    );
  }
  const kind = forbiddenName(url.hostname, policy);
  if (kind !== undefined) throw forbiddenFailure(url.hostname, kind);
}

export const forbiddenFailure = (host: string, kind: string): FetchFailure =>
  new FetchFailure(
    'forbidden',
    `${host} is not asked: it leads to ${kind}, where no CRL server is expected.`,
    `If a CRL really lies there, list ${host} among the hosts that CRLs may come from, or fetch it by hand and give the file with --crl-file.`,
  );
