import type { Element, Reader } from '../../der/element.ts';
import { TAG, contextConstructed, contextPrimitive } from '../../der/tags.ts';
import { checkInteger } from '../../der/values.ts';
import { type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from '../extension.ts';
import { type GeneralNames, readGeneralNames } from '../general-name.ts';

export interface AuthorityKeyIdentifier extends ExtensionValue {
  /** Its content is the identifier. */
  readonly keyIdentifier: Element | undefined;
  readonly authorityCertIssuer: GeneralNames | undefined;
  /** Content as of an INTEGER. */
  readonly authorityCertSerialNumber: Element | undefined;
}

// RFC 5280 §4.2.1.1
// AuthorityKeyIdentifier ::= SEQUENCE {
//      keyIdentifier             [0] KeyIdentifier           OPTIONAL,
//      authorityCertIssuer       [1] GeneralNames            OPTIONAL,
//      authorityCertSerialNumber [2] CertificateSerialNumber OPTIONAL  }
// KeyIdentifier ::= OCTET STRING
export const authorityKeyIdentifier: ExtensionType<AuthorityKeyIdentifier> = {
  oid: '2.5.29.35',
  name: 'authorityKeyIdentifier',
  read(reader: Reader): AuthorityKeyIdentifier {
    const element = reader.expect(TAG.SEQUENCE, 'authorityKeyIdentifier');
    const inner = element.reader();
    const keyIdentifier = inner.optional(contextPrimitive(0), 'authorityKeyIdentifier.keyIdentifier');
    const issuer = inner.optional(contextConstructed(1), 'authorityKeyIdentifier.authorityCertIssuer');
    const serial = inner.optional(contextPrimitive(2), 'authorityKeyIdentifier.authorityCertSerialNumber');
    inner.finish('authorityKeyIdentifier');
    if (serial !== undefined) checkInteger(serial, 'authorityKeyIdentifier.authorityCertSerialNumber');
    const authorityCertIssuer = issuer && readGeneralNames(issuer, 'authorityKeyIdentifier.authorityCertIssuer');
    return {
      element,
      keyIdentifier,
      authorityCertIssuer,
      authorityCertSerialNumber: serial,
      deviations: authorityCertIssuer?.deviations ?? NO_DEVIATIONS,
    };
  },
};
