import type { Location } from '../base/finding.ts';
import { formatTime } from '../der/time.ts';
import type { Salvaged, SalvagedAttribute } from '../files/salvage.ts';
import { refused, warning } from './define.ts';
import type { Outcome } from './rule.ts';

/**
 * What can still be told about a certificate that cannot be read, and what of it would be refused even if the damage
 * were mended: nobody should repair a certificate that expired years ago.
 */
export function legibleOutcome(salvaged: Salvaged, location: Location, at: number): Outcome | undefined {
  const facts = factsOf(salvaged);
  if (facts.length === 0) return undefined;
  const faults = faultsOf(salvaged, at);
  const found = facts.join(', ');
  if (faults.length === 0) {
    const message = `As far as the damaged certificate is legible: ${found}.`;
    return warning({ found, location, message, fix: 'Compare this with the certificate you expect.' });
  }
  const message = `As far as it is legible, this certificate would not be taken even if the damage were repaired: ${faults.join('; ')}. Legible are ${found}.`;
  return refused({
    found,
    location,
    required: 'a certificate that is valid now, for an appliance and not for a CA',
    message,
    fix: 'Do not repair this certificate: ask your CA for a new one.',
  });
}

function factsOf({ subject, issuer, notBefore, notAfter, ca, subjectAltName }: Salvaged): string[] {
  const facts: string[] = [];
  if (subject.length > 0) facts.push(`subject ${nameOf(subject)}`);
  if (issuer.length > 0) facts.push(`issuer ${nameOf(issuer)}`);
  if (notBefore !== undefined) facts.push(`valid from ${formatTime(notBefore)}`);
  if (notAfter !== undefined) facts.push(`valid to ${formatTime(notAfter)}`);
  if (ca !== undefined) facts.push(ca ? 'a CA certificate (CA:TRUE)' : 'no CA');
  if (facts.length > 0 && !subjectAltName) facts.push('no subjectAltName in sight');
  return facts;
}

const nameOf = (attributes: readonly SalvagedAttribute[]): string =>
  attributes.map(({ type, text }) => `${type}=${text}`).join(', ');

function faultsOf({ notBefore, notAfter, ca }: Salvaged, at: number): string[] {
  const faults: string[] = [];
  if (notAfter !== undefined && notAfter < at) faults.push(`it expired on ${formatTime(notAfter)}`);
  if (notBefore !== undefined && notBefore > at) faults.push(`it is only valid from ${formatTime(notBefore)}`);
  if (ca === true) faults.push('it is the certificate of a CA (CA:TRUE), not of an appliance');
  return faults;
}
