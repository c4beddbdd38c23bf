import { check, CheckOptionsError, ProfileError } from '../index.ts';
import type { Services } from '../http/routes/services.ts';
import { InventoryError } from '../service/inventory/inventory-error.ts';

/** Judges a bundle against no inventory, and keeps nothing. */
export const checkAlone: Services['check'] = async (files, settings) => {
  try {
    const given = Object.entries(settings).filter(([, value]) => value !== undefined);
    return (await check(files as Parameters<typeof check>[0], Object.fromEntries(given))) as Awaited<
      ReturnType<Services['check']>
    >;
  } catch (error) {
    if (error instanceof CheckOptionsError || error instanceof ProfileError) {
      throw new InventoryError('invalid', error.message);
    }
    throw error;
  }
};
