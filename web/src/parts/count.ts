const NUMBER = new Intl.NumberFormat('en');

/** `1 appliance`, `10,000 appliances`. */
export const count = (many: number, one: string, several = `${one}s`): string =>
  `${NUMBER.format(many)} ${many === 1 ? one : several}`;
/** `10,000`. */
export const number = (many: number): string => NUMBER.format(many);
