import { explicit, implicit, sequence } from '../../encode/der.ts';
import { extension } from '../../encode/extension-fields.ts';
import { keyToPem } from '../key.ts';
import type { Animal } from './animal.ts';
import { type Park, pem } from './park.ts';

/** The way from the certificate to the root, and the other bundles of a fleet. */
export const chainAnimals = (park: Park): Animal[] => [...chains(park), ...paths(park), ...fleets(park)];

function chains(park: Park): Animal[] {
  const { root, issuing, keys } = park;
  const rule = 'chain-matches-crt';
  const strangerRoot = park.ca({ name: 'Fabrikam Root CA', key: keys.stranger });
  const renewed = park.ca({ name: 'Contoso Issuing CA', key: keys.stranger, by: root });
  const refused = { rule, verdict: 'refused', leads: `refused ${rule}` } as const;
  const unsupported = { rule, verdict: 'unsupported', leads: `unsupported ${rule}` } as const;
  return [
    {
      ...refused,
      name: 'chain-matches-crt-issuer-missing',
      why: 'The chain holds the root alone: the issuing CA between them is missing.',
      files: park.bundle({ chain: park.chain(root) }),
      also: ['refused trust-path'],
    },
    {
      ...refused,
      name: 'chain-matches-crt-no-root',
      why: 'The chain ends below the root.',
      files: park.bundle({ chain: park.chain(issuing) }),
      also: ['refused trust-path'],
    },
    {
      ...refused,
      name: 'chain-matches-crt-renewed-ca',
      why: 'The CA got a new key under its old name, and the chain holds the new one: the name fits, the signature does not.',
      files: park.bundle({ chain: park.chain(renewed, root) }),
      also: ['refused trust-path'],
    },
    {
      ...unsupported,
      name: 'chain-matches-crt-upside-down',
      why: 'The root first, the issuing CA last. certgate convert puts it right.',
      files: park.bundle({ chain: park.chain(root, issuing) }),
    },
    {
      ...unsupported,
      name: 'chain-matches-crt-stranger',
      why: "Another company's root is in the chain, too.",
      files: park.bundle({ chain: park.chain(issuing, root, strangerRoot) }),
    },
  ];
}

function paths(park: Park): Animal[] {
  const { root, keys } = park;
  const animal = (name: string, why: string, changes: Partial<Parameters<Park['ca']>[0]>): Animal => {
    const by = park.ca({ name: 'Contoso Issuing CA', key: keys.issuing, by: root, ...changes });
    return {
      name,
      rule: 'trust-path',
      why,
      files: park.bundle({ crt: pem(park.leaf({ by })), chain: park.chain(by, root) }),
      verdict: 'refused',
      leads: 'refused trust-path',
    };
  };
  return [
    animal('trust-path-ca-expired', 'The issuing CA expired last week; the sensor has half a year left.', {
      endsInDays: -7,
    }),
    animal('trust-path-not-a-ca', 'A certificate that is no CA signed this one: anybody could have.', { cA: false }),
    animal('trust-path-other-domain', 'The CA may only issue names below fabrikam.com, and this is contoso.com.', {
      more: [onlyBelow('fabrikam.com')],
    }),
  ];
}

// NameConstraints ::= SEQUENCE { permittedSubtrees [0] GeneralSubtrees OPTIONAL, excludedSubtrees [1] … OPTIONAL }
const onlyBelow = (domain: string): Uint8Array =>
  extension('2.5.29.30', sequence(explicit(0, sequence(implicit(2, Buffer.from(domain, 'latin1'))))), true);

function fleets(park: Park): Animal[] {
  const { sensor, other } = park.keys;
  const same = pem(park.leaf());
  const two = (first: { crt: string; key: string }, second: { crt: string; key: string }): Animal['files'] => ({
    ...park.bundle({ ...first, folder: 'hall-1' }),
    ...park.bundle({ ...second, folder: 'hall-2' }),
  });
  const mine = { crt: same, key: keyToPem(sensor) };
  return [
    {
      name: 'fleet-unique-cn',
      rule: 'fleet-unique-cn',
      why: 'Two sensors, two keys, one name: the CN was copied in the CSV.',
      files: two(mine, { crt: pem(park.leaf({ key: other })), key: keyToPem(other) }),
      verdict: 'refused',
      leads: 'refused fleet-unique-cn',
    },
    {
      name: 'fleet-unique-key',
      rule: 'fleet-unique-key',
      why: 'Two sensors with names of their own share one key: the image of a disk was cloned.',
      files: two(mine, { crt: pem(park.leaf({ cn: 'sensor-2.contoso.com' })), key: keyToPem(sensor) }),
      verdict: 'refused',
      leads: 'refused fleet-unique-key',
    },
    {
      name: 'fleet-unique-certificate',
      rule: 'fleet-unique-certificate',
      why: 'One and the same certificate on two sensors.',
      files: two(mine, mine),
      verdict: 'refused',
      leads: 'refused fleet-unique-cn',
      also: ['refused fleet-unique-certificate', 'refused fleet-unique-key'],
      ledByAnother: 'the same certificate has the same CN, and the name is what people recognise',
    },
  ];
}
