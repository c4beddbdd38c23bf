/** What the server asks of a password, so that nobody learns it by being refused. */
export const PASSWORD_RULES: readonly {
  readonly says: string;
  readonly holds: (password: string, name: string) => boolean;
}[] = [
  { says: 'at least 12 characters', holds: (password) => [...password].length >= 12 },
  { says: 'at least 5 different ones', holds: (password) => new Set(password).size >= 5 },
  {
    says: 'without the name in it',
    holds: (password, name) =>
      password !== '' &&
      (name.trim() === '' || !password.toLowerCase().includes(name.trim().normalize('NFKC').toLowerCase())),
  },
];

export const isStrong = (password: string, name: string): boolean =>
  password.length <= 1024 && PASSWORD_RULES.every(({ holds }) => holds(password, name));
