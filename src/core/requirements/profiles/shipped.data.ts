import type { Profile } from '../profile.ts';

/** The vendor's requirements, and Certgate's own rules no harder than a warning about support. */
const defenderIot: Profile = {
  id: 'defender-iot',
  version: 1,
  title: 'Microsoft Defender for IoT, OT sensors and high availability servers',
  rules: {
    'crt-expires-soon': { settings: { days: 30 } },
  },
};

/** For those who want what every current client wants, too. */
const defenderIotStrict: Profile = {
  id: 'defender-iot-strict',
  version: 1,
  title: 'As defender-iot, and without a proper SAN, key usage or with CA:TRUE refused',
  extends: 'defender-iot',
  rules: {
    'crt-subject-alt-name': { severity: 'refused' },
    'crt-key-usage': { severity: 'refused' },
    'crt-not-ca': { severity: 'refused' },
  },
};

export const SHIPPED_PROFILES: readonly Profile[] = [defenderIot, defenderIotStrict];
export const DEFAULT_PROFILE = 'defender-iot';
