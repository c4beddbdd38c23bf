import { parse } from 'yaml';
import { type Profile, ProfileError, readProfile } from '../core/requirements/profile.ts';
import { SHIPPED_PROFILES } from '../core/requirements/profiles/shipped.data.ts';
import { didYouMean, UsageError } from './failure.ts';
import { readOptionFile } from './inputs.ts';

const MOST_OF_A_PROFILE = 1 << 20;

/** A shipped profile's id, or a YAML file. @throws {UsageError} */
export async function findProfile(asked: string): Promise<string | Profile> {
  if (SHIPPED_PROFILES.some(({ id }) => id === asked)) return asked;
  if (!/[./\\]/.test(asked)) {
    const meant = didYouMean(
      asked,
      SHIPPED_PROFILES.map(({ id }) => id),
    );
    throw new UsageError(`there is no profile ${asked}.${meant} For a file of your own write ./${asked}.`);
  }
  const text = new TextDecoder().decode(await readOptionFile('--profile', asked, MOST_OF_A_PROFILE));
  try {
    return readProfile(parse(text));
  } catch (error) {
    if (error instanceof ProfileError) throw new UsageError(`--profile ${asked}: ${error.message}`);
    const reason = (error as Error).message.split('\n')[0]!.replace(/:$/, '');
    throw new UsageError(`--profile ${asked} is not YAML: ${reason}.`);
  }
}
