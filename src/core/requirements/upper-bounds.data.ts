/** RFC 5280 appendix A.1, the `ub-` values of name attributes, in characters. */
export const UPPER_BOUNDS: Readonly<Record<string, number>> = {
  '2.5.4.3': 64, // ub-common-name
  '2.5.4.5': 64, // ub-serial-number
  '2.5.4.7': 128, // ub-locality-name
  '2.5.4.8': 128, // ub-state-name
  '2.5.4.10': 64, // ub-organization-name
  '2.5.4.11': 64, // ub-organizational-unit-name
  '2.5.4.12': 64, // ub-title
  '1.2.840.113549.1.9.1': 255, // ub-emailaddress-length
};
