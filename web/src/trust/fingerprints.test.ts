import { expect, test } from 'vitest';
import { compareFingerprints } from './fingerprints.ts';

const OURS = Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0').toUpperCase()).join(':');

test.each([
  ['with colons', OURS],
  ['without, in lower case', OURS.replaceAll(':', '').toLowerCase()],
  ['in groups', OURS.replaceAll(':', ' ')],
  ['as openssl prints it', `sha256 Fingerprint=${OURS}`],
  ['with its name before it', `SHA-256: ${OURS}`],
  ['as ssh-like tools print it', `SHA256:${OURS}`],
])('the same fingerprint %s', (_how, typed) => {
  expect(compareFingerprints(typed, OURS)).toEqual({ kind: 'same' });
});

test.each([
  ['another one', OURS.replace('00:01', '00:02'), 'other', 'Not the same'],
  ['SHA-1', OURS.slice(0, 59), 'unreadable', 'SHA-1'],
  ['the beginning', OURS.slice(0, 29), 'unreadable', 'So far the same: 20 of 64'],
  ['too much', `${OURS}:AA`, 'unreadable', '66 digits'],
  ['no digits at all', 'xyz', 'unreadable', 'no hexadecimal digits'],
])('%s is told', (_what, typed, kind, why) => {
  expect(compareFingerprints(typed, OURS)).toEqual({ kind, why: expect.stringContaining(why) });
});

test('nothing is nothing', () => {
  expect(compareFingerprints('  ', OURS)).toEqual({ kind: 'nothing' });
});
