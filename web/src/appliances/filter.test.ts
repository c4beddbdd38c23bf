import { describe, expect, test } from 'vitest';
import { withChange, dayOf, filterOf, isFiltered, NO_FILTER, paramsOf, requestOf } from './filter.ts';

const filter = (address: string) => filterOf(new URLSearchParams(address));

describe('the filter in the address', () => {
  test.each([
    '',
    'q=line+1&state=revoked%2Cexpired&role=ha&site=Plant+North&zone=Z&expiresBefore=2027-01-01&sort=notAfter&direction=desc',
    'site=',
    'expiresBefore=2027-01-01T00%3A00%3A00.000Z',
  ])('comes back as it was: %s', (address) => {
    expect(paramsOf(filter(address)).toString()).toBe(address);
  });

  test('what makes no sense is left out', () => {
    expect(filter('state=angry&role=king&sort=luck&expiresBefore=soon&q=++&direction=up')).toEqual(NO_FILTER);
  });

  test('a day is asked for as an instant, and shown as the day', () => {
    const asked = new URLSearchParams(requestOf(filter('expiresBefore=2027-01-01'))).get('expiresBefore')!;
    expect(new Date(asked)).toEqual(new Date(2027, 0, 1));
    expect(dayOf(asked)).toBe('2027-01-01');
    expect(dayOf('2027-01-01')).toBe('2027-01-01');
  });

  test('a change leaves the rest as it is, and takes away what is undefined', () => {
    const before = filter('q=a&role=ha&sort=state');
    expect(withChange(before, { role: undefined, site: '' })).toEqual(filter('q=a&site=&sort=state'));
  });

  test('an order alone leaves nothing out', () => {
    expect(isFiltered(filter('sort=state&direction=desc'))).toBe(false);
    expect(isFiltered(filter('site='))).toBe(true);
  });
});
